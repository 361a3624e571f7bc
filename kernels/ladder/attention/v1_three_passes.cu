// v1_three_passes.cu: multi-head softmax attention, one thread for each query, straight from the formula.
//   s[i,j] = q[i] . k[j] * scale   p[i,j] = exp(s[i,j] - max_j s[i,j]) / sum_j exp(...)   y[i] = sum_j p[i,j] v[j]
// Shapes   qkv [N,T,3C]: query, key, value of a token, head h at column h*C/heads of each; y [N,T,C]. Heads of up to 64
//          columns. Scores are not kept, they would take T*T floats for every head: each pass computes them again.
// Threads  blocks of 64 queries of one head, ceil(T/64) of them for each head of each image: head_of_block, attention.cuh.
// Bytes    16*N*T*C if caches were endless. What the threads ask for: for each query and key seven rows of a head (q and
//          k in each of three passes, v in the last), and the row of y read and written.
// Numbers  scores relative to their row's maximum: no exponent above 0, so none overflows.
// Teaches  the formula, as three loops. T queries of each head are independent: that is where the threads come from.
//          Bad: the sums y[i] lie in memory, and each of their T additions is a load and a store.
#include "attention.cuh"

// q . k over the columns of a head
__device__ __forceinline__ float score_v1(const float* __restrict__ q, const float* __restrict__ k, int dim) {
    float sum = 0.0f;
    for (int c = 0; c < dim; c++) {
        sum += q[c] * k[c];
    }
    return sum;
}

extern "C" __global__ void __launch_bounds__(64) attention_v1(
        const float* __restrict__ qkv,
        float* __restrict__ y,
        int tokens,
        int channels,
        int heads,
        float scale) {    // 1 / sqrt(columns of a head)
    int dim = channels / heads;
    Head head = head_of_block(tokens, heads, dim, 64);
    int i = head.block * 64 + (int) threadIdx.x;
    if (i >= tokens) {
        return;
    }
    const float* q = qkv + head.packed(i);
    float max = -INFINITY;
    for (int j = 0; j < tokens; j++) {
        const float* k = qkv + head.packed(j) + channels;
        max = fmaxf(max, score_v1(q, k, dim) * scale);
    }
    float sum = 0.0f;
    for (int j = 0; j < tokens; j++) {
        const float* k = qkv + head.packed(j) + channels;
        sum += expf(score_v1(q, k, dim) * scale - max);
    }
    float* row = y + head.row(i);
    for (int c = 0; c < dim; c++) {
        row[c] = 0.0f;
    }
    for (int j = 0; j < tokens; j++) {
        const float* k = qkv + head.packed(j) + channels;
        const float* v = k + channels;
        float p = expf(score_v1(q, k, dim) * scale - max) / sum;
        for (int c = 0; c < dim; c++) {
            row[c] += p * v[c];
        }
    }
}

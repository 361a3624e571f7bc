// v2_registers.cu: as v1, but a thread's query and its row of the result live in registers.
//   s[i,j] = q[i] . k[j] * scale   p[i,j] = exp(s[i,j] - max_j s[i,j]) / sum_j exp(...)   y[i] = sum_j p[i,j] v[j]
// Shapes   qkv [N,T,3C]; y [N,T,C]. A head's C/heads columns are padded with zeros to D = 4, 8, 16, 32 or 64.
// Threads  one per query, 64 a block.
// Bytes    asked for: for each query and key four rows of a head, three times k and once v. y is only written, once.
// Numbers  as v1; the division by the sum is done once, at the end.
// Teaches  registers are the fastest memory, but have no addresses: an array lives in them only if every index is known
//          when the kernel is compiled. Hence a template over the width, loops unrolled, and a guard where columns end.
#include "attention.cuh"

// q . k
template <int D>
__device__ __forceinline__ float score_v2(const float (&q)[D], const float* __restrict__ k, int dim) {
    float sum = 0.0f;
#pragma unroll
    for (int c = 0; c < D; c++) {
        if (c < dim) sum += q[c] * k[c];
    }
    return sum;
}

template <int D>
__device__ __forceinline__ void attend_v2(
        const float* __restrict__ qkv, float* __restrict__ y, int tokens, int heads, int dim, float scale) {
    Head head = head_of_block(tokens, heads, dim, 64);
    int i = head.block * 64 + (int) threadIdx.x;
    if (i >= tokens) {
        return;
    }
    float q[D];
    float row[D];
#pragma unroll
    for (int c = 0; c < D; c++) {
        q[c] = c < dim ? qkv[head.packed(i) + c] * scale : 0.0f;
        row[c] = 0.0f;
    }
    float max = -INFINITY;
    for (int j = 0; j < tokens; j++) {
        const float* k = qkv + head.packed(j) + head.width;
        max = fmaxf(max, score_v2<D>(q, k, dim));
    }
    float sum = 0.0f;
    for (int j = 0; j < tokens; j++) {
        const float* k = qkv + head.packed(j) + head.width;
        sum += expf(score_v2<D>(q, k, dim) - max);
    }
    for (int j = 0; j < tokens; j++) {
        const float* k = qkv + head.packed(j) + head.width;
        const float* v = k + head.width;
        float p = expf(score_v2<D>(q, k, dim) - max);
#pragma unroll
        for (int c = 0; c < D; c++) {
            if (c < dim) row[c] += p * v[c];
        }
    }
#pragma unroll
    for (int c = 0; c < D; c++) {
        if (c < dim) y[head.row(i) + c] = row[c] / sum;
    }
}

extern "C" __global__ void __launch_bounds__(64) attention_v2(
        const float* __restrict__ qkv,
        float* __restrict__ y,
        int tokens,
        int channels,
        int heads,
        float scale) {    // 1 / sqrt(columns of a head)
    int dim = channels / heads;
    if (dim <= 4) attend_v2<4>(qkv, y, tokens, heads, dim, scale);
    else if (dim <= 8) attend_v2<8>(qkv, y, tokens, heads, dim, scale);
    else if (dim <= 16) attend_v2<16>(qkv, y, tokens, heads, dim, scale);
    else if (dim <= 32) attend_v2<32>(qkv, y, tokens, heads, dim, scale);
    else attend_v2<64>(qkv, y, tokens, heads, dim, scale);
}

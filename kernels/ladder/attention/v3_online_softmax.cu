// v3_online_softmax.cu: as v2, but one pass over the keys: the softmax is corrected while it goes.
//   with m the largest score so far, a new score s gives m' = max(m, s) and
//   sum = sum * exp(m - m') + exp(s - m')   y = y * exp(m - m') + exp(s - m') v   and at the end y / sum
//   Milakov & Gimelshein 2018, Algorithm 3; Rabe & Staats 2021
// Shapes   qkv [N,T,3C]; y [N,T,C]. A head's C/heads columns are padded with zeros to D = 4, 8, 16, 32 or 64.
// Threads  one per query, 64 a block.
// Bytes    asked for: for each query and key two rows of a head, one of k and one of v, instead of four.
// Numbers  as v1. At the first key m = -inf, exp(-inf) = 0 and nothing is kept of sums that are 0 anyway.
// Teaches  a better algorithm beats better code: q . k is computed once for each key instead of three times, and two rows are
//          loaded instead of four. The number of exponentials stays: two for each key, in v2 one in each of two passes, here
//          exp(m - m') and exp(s - m') in the same one.
#include "attention.cuh"

// q . k
template <int D>
__device__ __forceinline__ float score_v3(const float (&q)[D], const float* __restrict__ k, int dim) {
    float sum = 0.0f;
#pragma unroll
    for (int c = 0; c < D; c++) {
        if (c < dim) sum += q[c] * k[c];
    }
    return sum;
}

template <int D>
__device__ __forceinline__ void attend_v3(
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
    float sum = 0.0f;
    for (int j = 0; j < tokens; j++) {
        const float* k = qkv + head.packed(j) + head.width;
        const float* v = k + head.width;
        float s = score_v3<D>(q, k, dim);
        float next = fmaxf(max, s);
        float keep = expf(max - next);
        float p = expf(s - next);
        max = next;
        sum = sum * keep + p;
#pragma unroll
        for (int c = 0; c < D; c++) {
            if (c < dim) row[c] = row[c] * keep + p * v[c];
        }
    }
#pragma unroll
    for (int c = 0; c < D; c++) {
        if (c < dim) y[head.row(i) + c] = row[c] / sum;
    }
}

extern "C" __global__ void __launch_bounds__(64) attention_v3(
        const float* __restrict__ qkv,
        float* __restrict__ y,
        int tokens,
        int channels,
        int heads,
        float scale) {    // 1 / sqrt(columns of a head)
    int dim = channels / heads;
    if (dim <= 4) attend_v3<4>(qkv, y, tokens, heads, dim, scale);
    else if (dim <= 8) attend_v3<8>(qkv, y, tokens, heads, dim, scale);
    else if (dim <= 16) attend_v3<16>(qkv, y, tokens, heads, dim, scale);
    else if (dim <= 32) attend_v3<32>(qkv, y, tokens, heads, dim, scale);
    else attend_v3<64>(qkv, y, tokens, heads, dim, scale);
}

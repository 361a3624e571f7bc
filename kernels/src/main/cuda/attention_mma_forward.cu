// attention_mma_forward.cu: attention_forward.cu on tensor cores: bf16 operands, fp32 accumulation and softmax. sm_80 on.
//   s[i,j] = q[i] . k[j] / sqrt(d)    lse[i] = log sum_j exp(s[i,j])    y[i] = sum_j exp(s[i,j] - lse[i]) v[j]
//   q, k, v and the weights exp(s - max) are rounded to bf16 on their way to the tensor cores; y and lse are fp32.
// The scores' accumulators have just the layout of the operand that multiplies the values: weights stay in registers.
//   Dao et al. 2022 ("FlashAttention"), Algorithm 1; Dao 2023 ("FlashAttention-2"), section 3: rows split among warps
// Shapes   qkv [N,T,3C]; y [N,T,C]; lse [N,heads,T], in units of log 2. head_dim <= D; D = 8 sums over 16 columns.
// Threads  128: four warps of 16 queries (attention_mma.cuh); tiles of 64 keys and values in shared memory.
// Bytes    HBM as attention_forward.cu. Per query and key 4*d flop and one exponential, which bounds d <= 32.
// Numbers  fixed order, no atomics. The sum of weights is that of the weights before rounding.
#include "attention_mma.cuh"

#ifdef BF16_TENSOR_CORES

// Rows g and g + 8 of a warp's 16 queries.
template <int D>
struct Queries {
    unsigned q[Mma<D>::STEPS][4];
    float y[Mma<D>::TILES][4];
    float max[2];    // of the unscaled scores
    float sum[2];    // of this lane's columns
};

// One row's scores become weights relative to the new maximum, and what was summed so far with them.
template <int D>
__device__ __forceinline__ void weights(float (&s)[8][4], Queries<D>& queries, int half, float scale) {
    float max = -INFINITY;
#pragma unroll
    for (int n = 0; n < 8; n++) {
        max = fmaxf(max, fmaxf(s[n][2 * half], s[n][2 * half + 1]));
    }
    max = fmaxf(queries.max[half], quad_max(max));
    float correction = exp2_fast((queries.max[half] - max) * scale);    // 2^-inf = 0 at the first tile
    float shift = max * scale;
    float sum = queries.sum[half] * correction;
#pragma unroll
    for (int n = 0; n < 8; n++) {
#pragma unroll
        for (int i = 2 * half; i < 2 * half + 2; i++) {
            s[n][i] = exp2_fast(fmaf(s[n][i], scale, -shift));
            sum += s[n][i];
        }
    }
#pragma unroll
    for (int tile = 0; tile < Mma<D>::TILES; tile++) {
        queries.y[tile][2 * half] *= correction;
        queries.y[tile][2 * half + 1] *= correction;
    }
    queries.max[half] = max;
    queries.sum[half] = sum;
}

// FULL: all 64 keys of the tile are there. Otherwise groups of 16 without a key are left out, single ones masked.
template <int D, bool FULL>
__device__ __forceinline__ void attend_tile(
        Queries<D>& queries, const unsigned* keys, const unsigned* values, int valid, float scale) {
    float s[8][4];
#pragma unroll
    for (int n = 0; n < 8; n++) {
        if (FULL || 16 * (n / 2) < valid) Mma<D>::over_columns(s[n], queries.q, keys, n);
    }
    if (!FULL) {
#pragma unroll
        for (int n = 0; n < 8; n++) {
#pragma unroll
            for (int i = 0; i < 4; i++) {
                if (8 * n + 2 * mma_t() + i % 2 >= valid) s[n][i] = -INFINITY;
            }
        }
    }
    weights<D>(s, queries, 0, scale);
    weights<D>(s, queries, 1, scale);
#pragma unroll
    for (int group = 0; group < 4; group++) {
        if (FULL || 16 * group < valid) {
            unsigned p[4];
            operand(p, s[2 * group], s[2 * group + 1]);
            Mma<D>::add_over_rows(queries.y, p, values, group);
        }
    }
}

template <int D>
__device__ __forceinline__ void attention_mma_forward(
        const float* __restrict__ qkv,
        float* __restrict__ y,
        float* __restrict__ lse,
        int tokens,
        int heads,
        int head_dim,
        float scale) {    // 1 / sqrt(head_dim)
    __shared__ __align__(16) unsigned keys[Mma<D>::BY_ROWS];
    __shared__ __align__(16) unsigned values[Mma<D>::TRANSPOSED];
    Head head = head_of_block(tokens, heads, head_dim, MMA_ROWS);
    size_t stride = 3 * (size_t)head.width;
    int token = mma_first_row(head.block) + mma_g();
    bool busy = mma_first_row(head.block) < tokens;
    Queries<D> queries;
    Mma<D>::load(queries.q, qkv + head.packed(token), stride, tokens - token, head_dim);
    Mma<D>::clear(queries.y);
    queries.max[0] = queries.max[1] = -INFINITY;
    queries.sum[0] = queries.sum[1] = 0.0f;
    for (int first = 0; first < tokens; first += MMA_ROWS) {
        const float* key = qkv + head.packed(first) + head.width;
        int valid = tokens - first;
        __syncthreads();    // the last tile may still be read
        Mma<D>::fill(keys, nullptr, key, stride, valid, head_dim);
        Mma<D>::fill(nullptr, values, key + head.width, stride, valid, head_dim);
        __syncthreads();
        if (busy && valid >= MMA_ROWS) attend_tile<D, true>(queries, keys, values, valid, scale * LOG2E);
        if (busy && valid < MMA_ROWS) attend_tile<D, false>(queries, keys, values, valid, scale * LOG2E);
    }
#pragma unroll
    for (int half = 0; half < 2; half++) {
        float sum = quad_sum(queries.sum[half]);
        int row = token + 8 * half;
        if (row < tokens) {
            Mma<D>::store(y + head.row(row), queries.y, half, 1.0f / sum, head_dim);
            if (mma_t() == 0) lse[head.scalar(row)] = queries.max[half] * (scale * LOG2E) + log2f(sum);
        }
    }
}

extern "C" __global__ void __launch_bounds__(MMA_THREADS, 3) attention_mma_forward_d8(
        const float* __restrict__ qkv, float* __restrict__ y, float* __restrict__ lse, int tokens, int heads,
        int head_dim, float scale) {
    attention_mma_forward<8>(qkv, y, lse, tokens, heads, head_dim, scale);
}

extern "C" __global__ void __launch_bounds__(MMA_THREADS, 3) attention_mma_forward_d16(
        const float* __restrict__ qkv, float* __restrict__ y, float* __restrict__ lse, int tokens, int heads,
        int head_dim, float scale) {
    attention_mma_forward<16>(qkv, y, lse, tokens, heads, head_dim, scale);
}

extern "C" __global__ void __launch_bounds__(MMA_THREADS, 3) attention_mma_forward_d32(
        const float* __restrict__ qkv, float* __restrict__ y, float* __restrict__ lse, int tokens, int heads,
        int head_dim, float scale) {
    attention_mma_forward<32>(qkv, y, lse, tokens, heads, head_dim, scale);
}

extern "C" __global__ void __launch_bounds__(MMA_THREADS, 2) attention_mma_forward_d64(
        const float* __restrict__ qkv, float* __restrict__ y, float* __restrict__ lse, int tokens, int heads,
        int head_dim, float scale) {
    attention_mma_forward<64>(qkv, y, lse, tokens, heads, head_dim, scale);
}

#endif

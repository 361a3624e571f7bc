// attention_forward.cu: multi-head softmax self-attention on packed queries, keys and values, float32, forward.
//   s[i,j] = q[i] . k[j] / sqrt(d)    lse[i] = log sum_j exp(s[i,j])    y[i] = sum_j exp(s[i,j] - lse[i]) v[j]
// Online softmax over chunks of 8 keys: with m the largest score so far, a larger one m' rescales what was summed,
//   l = l * exp(m - m') + sum exp(s - m')    y = y * exp(m - m') + sum exp(s - m') v    and at the end y / l
//   Milakov & Gimelshein 2018, Algorithm 3; Dao et al. 2022 ("FlashAttention"), Algorithm 1
// Shapes   qkv [N,T,3C]; y [N,T,C]; lse [N,heads,T], in units of log 2: log2 sum_j 2^(s log2 e). head_dim <= D.
// Threads  64, attention_rows.cuh: two queries each (a quarter of a query's columns at D = 64); a tile of keys and values
//          in shared memory. Warps behind the last query only help to load.
// Bytes    HBM: qkv read, y written once, 16*N*T*C, while one image's keys and values (8*T*C) stay in L2, from where
//          every block reads them. Per query and key 4*d flop and one exponential, which bounds d <= 8.
// Numbers  scores relative to their row's maximum: no exponent above 0. Fixed order, no atomics.
#include "attention_rows.cuh"

constexpr int CHUNK = 8;    // keys between two looks at the maximum

// One query: its running maximum, sum of weights and weighted sum of values.
template <int D>
struct Query {
    float4 q[RowSplit<D>::PACKS];    // times log2(e) / sqrt(d)
    float4 y[RowSplit<D>::PACKS];
    float max;
    float sum;
};

// s = q . keys of the chunk; -inf where there is no key.
template <int D>
__device__ __forceinline__ void chunk_scores(
        float (&s)[2][CHUNK], const Query<D> (&query)[2], const float4* keys, int chunk, int valid) {
    using Split = RowSplit<D>;
#pragma unroll
    for (int j = 0; j < CHUNK; j++) {
        float4 k[Split::PACKS];
        Split::read(k, keys, chunk + j);
#pragma unroll
        for (int r = 0; r < 2; r++) {
            s[r][j] = Split::over_lanes(Split::dot(query[r].q, k));
        }
    }
    if (chunk + CHUNK > valid) {
#pragma unroll
        for (int j = 0; j < CHUNK; j++) {
#pragma unroll
            for (int r = 0; r < 2; r++) {
                s[r][j] = chunk + j < valid ? s[r][j] : -INFINITY;
            }
        }
    }
}

// Turns the chunk's scores into weights relative to the new maximum, and what was summed so far with them.
template <int D>
__device__ __forceinline__ void chunk_weights(float (&s)[CHUNK], Query<D>& query) {
    float max = query.max;
#pragma unroll
    for (int j = 0; j < CHUNK; j++) {
        max = fmaxf(max, s[j]);
    }
    float correction = exp2_fast(query.max - max);    // 2^-inf = 0 at the first chunk
    query.max = max;
    query.sum *= correction;
#pragma unroll
    for (int i = 0; i < RowSplit<D>::PACKS; i++) {
        query.y[i] = scale4(correction, query.y[i]);
    }
#pragma unroll
    for (int j = 0; j < CHUNK; j++) {
        s[j] = exp2_fast(s[j] - max);
        query.sum += s[j];
    }
}

template <int D>
__device__ __forceinline__ void attend_tile(Query<D> (&query)[2], const float4* keys, const float4* values, int valid) {
    using Split = RowSplit<D>;
    for (int chunk = 0; chunk < valid; chunk += CHUNK) {
        float s[2][CHUNK];
        chunk_scores<D>(s, query, keys, chunk, valid);
        chunk_weights<D>(s[0], query[0]);
        chunk_weights<D>(s[1], query[1]);
#pragma unroll
        for (int j = 0; j < CHUNK; j++) {
            float4 v[Split::PACKS];
            Split::read(v, values, chunk + j);
#pragma unroll
            for (int i = 0; i < Split::PACKS; i++) {
                add_scaled4(query[0].y[i], s[0][j], v[i]);
                add_scaled4(query[1].y[i], s[1][j], v[i]);
            }
        }
    }
}

template <int D>
__device__ __forceinline__ void attention_forward(
        const float* __restrict__ qkv,
        float* __restrict__ y,
        float* __restrict__ lse,
        int tokens,
        int heads,
        int head_dim,
        float scale) {    // 1 / sqrt(head_dim)
    using Split = RowSplit<D>;
    __shared__ float4 keys[Split::TILE * D / 4];
    __shared__ float4 values[Split::TILE * D / 4];
    Head head = head_of_block(tokens, heads, head_dim, Split::BLOCK_ROWS);
    bool busy = Split::first_row_of_warp(head.block) < tokens;
    int token[2];
    Query<D> query[2];
#pragma unroll
    for (int r = 0; r < 2; r++) {
        token[r] = Split::first_row(head.block) + r * Split::STEP;
        Split::load(query[r].q, qkv + head.packed(token[r]), token[r] < tokens, scale * LOG2E, head_dim);
        Split::clear(query[r].y);
        query[r].max = -INFINITY;
        query[r].sum = 0.0f;
    }
    for (int first = 0; first < tokens; first += Split::TILE) {
        const float* key = qkv + head.packed(first) + head.width;
        __syncthreads();    // the last tile may still be read
        Split::fill(keys, key, 3 * (size_t)head.width, tokens - first, head_dim);
        Split::fill(values, key + head.width, 3 * (size_t)head.width, tokens - first, head_dim);
        __syncthreads();
        if (busy) attend_tile<D>(query, keys, values, min(Split::TILE, tokens - first));
    }
#pragma unroll
    for (int r = 0; r < 2; r++) {
        if (token[r] < tokens) {
            Split::store(y + head.row(token[r]), query[r].y, 1.0f / query[r].sum, head_dim);
            if (Split::lane() == 0) lse[head.scalar(token[r])] = query[r].max + log2f(query[r].sum);
        }
    }
}

extern "C" __global__ void __launch_bounds__(ATTENTION_THREADS, 6) attention_forward_d4(
        const float* __restrict__ qkv, float* __restrict__ y, float* __restrict__ lse, int tokens, int heads,
        int head_dim, float scale) {
    attention_forward<4>(qkv, y, lse, tokens, heads, head_dim, scale);
}

extern "C" __global__ void __launch_bounds__(ATTENTION_THREADS, 6) attention_forward_d8(
        const float* __restrict__ qkv, float* __restrict__ y, float* __restrict__ lse, int tokens, int heads,
        int head_dim, float scale) {
    attention_forward<8>(qkv, y, lse, tokens, heads, head_dim, scale);
}

extern "C" __global__ void __launch_bounds__(ATTENTION_THREADS, 6) attention_forward_d16(
        const float* __restrict__ qkv, float* __restrict__ y, float* __restrict__ lse, int tokens, int heads,
        int head_dim, float scale) {
    attention_forward<16>(qkv, y, lse, tokens, heads, head_dim, scale);
}

extern "C" __global__ void __launch_bounds__(ATTENTION_THREADS, 6) attention_forward_d32(
        const float* __restrict__ qkv, float* __restrict__ y, float* __restrict__ lse, int tokens, int heads,
        int head_dim, float scale) {
    attention_forward<32>(qkv, y, lse, tokens, heads, head_dim, scale);
}

extern "C" __global__ void __launch_bounds__(ATTENTION_THREADS, 6) attention_forward_d64(
        const float* __restrict__ qkv, float* __restrict__ y, float* __restrict__ lse, int tokens, int heads,
        int head_dim, float scale) {
    attention_forward<64>(qkv, y, lse, tokens, heads, head_dim, scale);
}

extern "C" __global__ void __launch_bounds__(ATTENTION_THREADS, 6) attention_forward_d128(
        const float* __restrict__ qkv, float* __restrict__ y, float* __restrict__ lse, int tokens, int heads,
        int head_dim, float scale) {
    attention_forward<128>(qkv, y, lse, tokens, heads, head_dim, scale);
}

extern "C" __global__ void __launch_bounds__(ATTENTION_THREADS, 6) attention_forward_d256(
        const float* __restrict__ qkv, float* __restrict__ y, float* __restrict__ lse, int tokens, int heads,
        int head_dim, float scale) {
    attention_forward<256>(qkv, y, lse, tokens, heads, head_dim, scale);
}

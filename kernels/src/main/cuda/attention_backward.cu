// attention_backward.cu: multi-head softmax self-attention on packed queries, keys and values, float32, backward.
//   p[i,j] = exp(q[i] . k[j] / sqrt(d) - lse[i])      computed again from the forward's lse: no T x T matrix in memory
//   delta[i] = dy[i] . y[i]    ds[i,j] = p[i,j] (dy[i] . v[j] - delta[i])
//   dq[i] = sum_j ds[i,j] k[j] / sqrt(d)    dk[j] = sum_i ds[i,j] q[i] / sqrt(d)    dv[j] = sum_i p[i,j] dy[i]
//   Dao et al. 2022 ("FlashAttention"), appendix B.2: delta equals sum_j p[i,j] dy[i] . v[j]
// attention_backward_query writes dq and delta; then attention_backward_key reads delta and writes dk and dv. Two passes
// over the T x T pairs, each thread the only writer of its rows: no atomics, a fixed order.
// Shapes   qkv, dqkv [N,T,3C]; y, dy [N,T,C]; lse, delta [N,heads,T], lse in units of log 2. head_dim <= D.
// Threads  64, attention_rows.cuh: two queries (keys) each, tiles of keys and values (queries and dy) in shared memory.
// Bytes    HBM: qkv, y, dy read, dqkv written once, 32*N*T*C, and scalars, while one image's rows stay in L2.
//          Per query and key 6*d flop and an exponential in the first kernel, 8*d and one in the second.
#include "attention_rows.cuh"

// One query of the first kernel.
template <int D>
struct QueryGradient {
    float4 q[RowSplit<D>::PACKS];    // times log2(e) / sqrt(d)
    float4 dy[RowSplit<D>::PACKS];
    float4 dq[RowSplit<D>::PACKS];    // times sqrt(d)
    float lse;
    float delta;

    __device__ __forceinline__ void add(const float4 (&k)[RowSplit<D>::PACKS], const float4 (&v)[RowSplit<D>::PACKS]) {
        float s = RowSplit<D>::over_lanes(RowSplit<D>::dot(q, k));
        float dp = RowSplit<D>::over_lanes(RowSplit<D>::dot(dy, v));
        float ds = exp2_fast(s - lse) * (dp - delta);
#pragma unroll
        for (int i = 0; i < RowSplit<D>::PACKS; i++) {
            add_scaled4(dq[i], ds, k[i]);
        }
    }
};

template <int D>
__device__ __forceinline__ void attention_backward_query(
        const float* __restrict__ qkv,
        const float* __restrict__ y,
        const float* __restrict__ lse,
        const float* __restrict__ dy,
        float* __restrict__ dqkv,
        float* __restrict__ delta,
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
    QueryGradient<D> query[2];
#pragma unroll
    for (int r = 0; r < 2; r++) {
        token[r] = Split::first_row(head.block) + r * Split::STEP;
        bool exists = token[r] < tokens;
        Split::load(query[r].q, qkv + head.packed(token[r]), exists, scale * LOG2E, head_dim);
        Split::load(query[r].dy, dy + head.row(token[r]), exists, 1.0f, head_dim);
        Split::load(query[r].dq, y + head.row(token[r]), exists, 1.0f, head_dim);    // y, in dq's place
        query[r].delta = Split::over_lanes(Split::dot(query[r].dy, query[r].dq));
        query[r].lse = exists ? lse[head.scalar(token[r])] : INFINITY;
        if (exists && Split::lane() == 0) delta[head.scalar(token[r])] = query[r].delta;
        Split::clear(query[r].dq);
    }
    for (int first = 0; first < tokens; first += Split::TILE) {
        const float* key = qkv + head.packed(first) + head.width;
        __syncthreads();    // the last tile may still be read
        Split::fill(keys, key, 3 * (size_t)head.width, tokens - first, head_dim);
        Split::fill(values, key + head.width, 3 * (size_t)head.width, tokens - first, head_dim);
        __syncthreads();
        int valid = busy ? min(Split::TILE, tokens - first) : 0;
#pragma unroll(D <= 16 ? 2 : 1)
        for (int j = 0; j < valid; j++) {
            float4 k[Split::PACKS];
            float4 v[Split::PACKS];
            Split::read(k, keys, j);
            Split::read(v, values, j);
            query[0].add(k, v);
            query[1].add(k, v);
        }
    }
#pragma unroll
    for (int r = 0; r < 2; r++) {
        if (token[r] < tokens) Split::store(dqkv + head.packed(token[r]), query[r].dq, scale, head_dim);
    }
}

// One key and its value in the second kernel.
template <int D>
struct KeyGradient {
    float4 k[RowSplit<D>::PACKS];    // times log2(e) / sqrt(d)
    float4 v[RowSplit<D>::PACKS];
    float4 dk[RowSplit<D>::PACKS];    // times sqrt(d)
    float4 dv[RowSplit<D>::PACKS];

    __device__ __forceinline__ void add(
            const float4 (&q)[RowSplit<D>::PACKS], const float4 (&dy)[RowSplit<D>::PACKS], float2 lse_delta) {
        float s = RowSplit<D>::over_lanes(RowSplit<D>::dot(k, q));
        float dp = RowSplit<D>::over_lanes(RowSplit<D>::dot(v, dy));
        float p = exp2_fast(s - lse_delta.x);
        float ds = p * (dp - lse_delta.y);
#pragma unroll
        for (int i = 0; i < RowSplit<D>::PACKS; i++) {
            add_scaled4(dv[i], p, dy[i]);
            add_scaled4(dk[i], ds, q[i]);
        }
    }
};

template <int D>
__device__ __forceinline__ void attention_backward_key(
        const float* __restrict__ qkv,
        const float* __restrict__ lse,
        const float* __restrict__ delta,
        const float* __restrict__ dy,
        float* __restrict__ dqkv,
        int tokens,
        int heads,
        int head_dim,
        float scale) {    // 1 / sqrt(head_dim)
    using Split = RowSplit<D>;
    __shared__ float4 queries[Split::TILE * D / 4];
    __shared__ float4 dys[Split::TILE * D / 4];
    __shared__ float2 lse_delta[Split::TILE];
    Head head = head_of_block(tokens, heads, head_dim, Split::BLOCK_ROWS);
    bool busy = Split::first_row_of_warp(head.block) < tokens;
    int token[2];
    KeyGradient<D> key[2];
#pragma unroll
    for (int r = 0; r < 2; r++) {
        token[r] = Split::first_row(head.block) + r * Split::STEP;
        const float* row = qkv + head.packed(token[r]) + head.width;
        Split::load(key[r].k, row, token[r] < tokens, scale * LOG2E, head_dim);
        Split::load(key[r].v, row + head.width, token[r] < tokens, 1.0f, head_dim);
        Split::clear(key[r].dk);
        Split::clear(key[r].dv);
    }
    for (int first = 0; first < tokens; first += Split::TILE) {
        int valid = min(Split::TILE, tokens - first);
        __syncthreads();    // the last tile may still be read
        Split::fill(queries, qkv + head.packed(first), 3 * (size_t)head.width, valid, head_dim);
        Split::fill(dys, dy + head.row(first), head.width, valid, head_dim);
        if ((int)threadIdx.x < valid) {
            size_t i = head.scalar(first + threadIdx.x);
            lse_delta[threadIdx.x] = make_float2(lse[i], delta[i]);
        }
        __syncthreads();
        if (!busy) valid = 0;
#pragma unroll 1
        for (int i = 0; i < valid; i++) {
            float4 q[Split::PACKS];
            float4 dyRow[Split::PACKS];
            Split::read(q, queries, i);
            Split::read(dyRow, dys, i);
            key[0].add(q, dyRow, lse_delta[i]);
            key[1].add(q, dyRow, lse_delta[i]);
        }
    }
#pragma unroll
    for (int r = 0; r < 2; r++) {
        float* row = dqkv + head.packed(token[r]) + head.width;
        if (token[r] < tokens) {
            Split::store(row, key[r].dk, scale, head_dim);
            Split::store(row + head.width, key[r].dv, 1.0f, head_dim);
        }
    }
}

extern "C" __global__ void __launch_bounds__(ATTENTION_THREADS, 4) attention_backward_query_d4(
        const float* __restrict__ qkv, const float* __restrict__ y, const float* __restrict__ lse,
        const float* __restrict__ dy, float* __restrict__ dqkv, float* __restrict__ delta, int tokens, int heads,
        int head_dim, float scale) {
    attention_backward_query<4>(qkv, y, lse, dy, dqkv, delta, tokens, heads, head_dim, scale);
}

extern "C" __global__ void __launch_bounds__(ATTENTION_THREADS, 4) attention_backward_query_d8(
        const float* __restrict__ qkv, const float* __restrict__ y, const float* __restrict__ lse,
        const float* __restrict__ dy, float* __restrict__ dqkv, float* __restrict__ delta, int tokens, int heads,
        int head_dim, float scale) {
    attention_backward_query<8>(qkv, y, lse, dy, dqkv, delta, tokens, heads, head_dim, scale);
}

extern "C" __global__ void __launch_bounds__(ATTENTION_THREADS, 4) attention_backward_query_d16(
        const float* __restrict__ qkv, const float* __restrict__ y, const float* __restrict__ lse,
        const float* __restrict__ dy, float* __restrict__ dqkv, float* __restrict__ delta, int tokens, int heads,
        int head_dim, float scale) {
    attention_backward_query<16>(qkv, y, lse, dy, dqkv, delta, tokens, heads, head_dim, scale);
}

extern "C" __global__ void __launch_bounds__(ATTENTION_THREADS, 4) attention_backward_query_d32(
        const float* __restrict__ qkv, const float* __restrict__ y, const float* __restrict__ lse,
        const float* __restrict__ dy, float* __restrict__ dqkv, float* __restrict__ delta, int tokens, int heads,
        int head_dim, float scale) {
    attention_backward_query<32>(qkv, y, lse, dy, dqkv, delta, tokens, heads, head_dim, scale);
}

extern "C" __global__ void __launch_bounds__(ATTENTION_THREADS, 4) attention_backward_query_d64(
        const float* __restrict__ qkv, const float* __restrict__ y, const float* __restrict__ lse,
        const float* __restrict__ dy, float* __restrict__ dqkv, float* __restrict__ delta, int tokens, int heads,
        int head_dim, float scale) {
    attention_backward_query<64>(qkv, y, lse, dy, dqkv, delta, tokens, heads, head_dim, scale);
}

extern "C" __global__ void __launch_bounds__(ATTENTION_THREADS, 4) attention_backward_query_d128(
        const float* __restrict__ qkv, const float* __restrict__ y, const float* __restrict__ lse,
        const float* __restrict__ dy, float* __restrict__ dqkv, float* __restrict__ delta, int tokens, int heads,
        int head_dim, float scale) {
    attention_backward_query<128>(qkv, y, lse, dy, dqkv, delta, tokens, heads, head_dim, scale);
}

extern "C" __global__ void __launch_bounds__(ATTENTION_THREADS, 4) attention_backward_query_d256(
        const float* __restrict__ qkv, const float* __restrict__ y, const float* __restrict__ lse,
        const float* __restrict__ dy, float* __restrict__ dqkv, float* __restrict__ delta, int tokens, int heads,
        int head_dim, float scale) {
    attention_backward_query<256>(qkv, y, lse, dy, dqkv, delta, tokens, heads, head_dim, scale);
}

extern "C" __global__ void __launch_bounds__(ATTENTION_THREADS, 4) attention_backward_key_d4(
        const float* __restrict__ qkv, const float* __restrict__ lse, const float* __restrict__ delta,
        const float* __restrict__ dy, float* __restrict__ dqkv, int tokens, int heads, int head_dim, float scale) {
    attention_backward_key<4>(qkv, lse, delta, dy, dqkv, tokens, heads, head_dim, scale);
}

extern "C" __global__ void __launch_bounds__(ATTENTION_THREADS, 4) attention_backward_key_d8(
        const float* __restrict__ qkv, const float* __restrict__ lse, const float* __restrict__ delta,
        const float* __restrict__ dy, float* __restrict__ dqkv, int tokens, int heads, int head_dim, float scale) {
    attention_backward_key<8>(qkv, lse, delta, dy, dqkv, tokens, heads, head_dim, scale);
}

extern "C" __global__ void __launch_bounds__(ATTENTION_THREADS, 4) attention_backward_key_d16(
        const float* __restrict__ qkv, const float* __restrict__ lse, const float* __restrict__ delta,
        const float* __restrict__ dy, float* __restrict__ dqkv, int tokens, int heads, int head_dim, float scale) {
    attention_backward_key<16>(qkv, lse, delta, dy, dqkv, tokens, heads, head_dim, scale);
}

extern "C" __global__ void __launch_bounds__(ATTENTION_THREADS, 4) attention_backward_key_d32(
        const float* __restrict__ qkv, const float* __restrict__ lse, const float* __restrict__ delta,
        const float* __restrict__ dy, float* __restrict__ dqkv, int tokens, int heads, int head_dim, float scale) {
    attention_backward_key<32>(qkv, lse, delta, dy, dqkv, tokens, heads, head_dim, scale);
}

extern "C" __global__ void __launch_bounds__(ATTENTION_THREADS, 4) attention_backward_key_d64(
        const float* __restrict__ qkv, const float* __restrict__ lse, const float* __restrict__ delta,
        const float* __restrict__ dy, float* __restrict__ dqkv, int tokens, int heads, int head_dim, float scale) {
    attention_backward_key<64>(qkv, lse, delta, dy, dqkv, tokens, heads, head_dim, scale);
}

extern "C" __global__ void __launch_bounds__(ATTENTION_THREADS, 4) attention_backward_key_d128(
        const float* __restrict__ qkv, const float* __restrict__ lse, const float* __restrict__ delta,
        const float* __restrict__ dy, float* __restrict__ dqkv, int tokens, int heads, int head_dim, float scale) {
    attention_backward_key<128>(qkv, lse, delta, dy, dqkv, tokens, heads, head_dim, scale);
}

extern "C" __global__ void __launch_bounds__(ATTENTION_THREADS, 4) attention_backward_key_d256(
        const float* __restrict__ qkv, const float* __restrict__ lse, const float* __restrict__ delta,
        const float* __restrict__ dy, float* __restrict__ dqkv, int tokens, int heads, int head_dim, float scale) {
    attention_backward_key<256>(qkv, lse, delta, dy, dqkv, tokens, heads, head_dim, scale);
}

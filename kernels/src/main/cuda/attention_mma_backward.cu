// attention_mma_backward.cu: attention_backward.cu on tensor cores: bf16 operands, fp32 accumulation. sm_80 on.
//   p[i,j] = exp(q[i] . k[j] / sqrt(d) - lse[i])    delta[i] = dy[i] . y[i]    ds[i,j] = p[i,j] (dy[i] . v[j] - delta[i])
//   dq[i] = sum_j ds[i,j] k[j] / sqrt(d)    dk[j] = sum_i ds[i,j] q[i] / sqrt(d)    dv[j] = sum_i p[i,j] dy[i]
//   q, k, v, dy, p and ds are rounded to bf16 on their way to the tensor cores; delta and all results are fp32.
// attention_mma_backward_query writes dq and delta; then attention_mma_backward_key writes dk and dv. The second computes
// p and ds transposed (keys are its rows), so that they are again operands as they lie in the accumulators.
//   Dao et al. 2022 ("FlashAttention"), appendix B.2; Dao 2023 ("FlashAttention-2"), section 3
// Shapes   qkv, dqkv [N,T,3C]; y, dy [N,T,C]; lse, delta [N,heads,T], lse in units of log 2. head_dim <= D.
// Threads  128: four warps of 16 queries (keys), tiles of 64 keys and values (queries and dy) in shared memory.
// Bytes    HBM as attention_backward.cu. Per query and key 6*d flop and an exponential, then 8*d and one.
// Numbers  fixed order, no atomics.
#include "attention_mma.cuh"

#ifdef BF16_TENSOR_CORES

template <int D>
struct QueryGradients {
    unsigned q[Mma<D>::STEPS][4];
    unsigned dy[Mma<D>::STEPS][4];
    float dq[Mma<D>::TILES][4];    // times sqrt(d)
    float lse[2];
    float delta[2];
};

// dq += ds k over keys 16*group .. 16*group+15 of the tile.
template <int D>
__device__ __forceinline__ void query_gradients(
        QueryGradients<D>& queries, const unsigned* keys, const unsigned* keys_transposed, const unsigned* values,
        int group, int valid, float scale) {
    float ds[2][4];
#pragma unroll
    for (int n = 0; n < 2; n++) {
        float s[4];
        float dp[4];
        Mma<D>::over_columns(s, queries.q, keys, 2 * group + n);
        Mma<D>::over_columns(dp, queries.dy, values, 2 * group + n);
#pragma unroll
        for (int i = 0; i < 4; i++) {
            bool exists = 16 * group + 8 * n + 2 * mma_t() + i % 2 < valid;
            float p = exp2_fast(fmaf(s[i], scale, -queries.lse[i / 2]));
            ds[n][i] = exists ? p * (dp[i] - queries.delta[i / 2]) : 0.0f;
        }
    }
    unsigned a[4];
    operand(a, ds[0], ds[1]);
    Mma<D>::add_over_rows(queries.dq, a, keys_transposed, group);
}

// dy[i] . y[i] of this lane's row, given where it begins in dy and y.
template <int D>
__device__ __forceinline__ float row_delta(
        const float* __restrict__ dy, const float* __restrict__ y, bool exists, int dim) {
    float sum = 0.0f;
#pragma unroll
    for (int step = 0; step < Mma<D>::STEPS; step++) {
        int column = 16 * step + 4 * mma_t();
        if (exists) sum = dot4(sum, load_columns(dy, column, dim), load_columns(y, column, dim));
    }
    return quad_sum(sum);
}

template <int D>
__device__ __forceinline__ void attention_mma_backward_query(
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
    __shared__ __align__(16) unsigned keys[Mma<D>::BY_ROWS];
    __shared__ __align__(16) unsigned keys_transposed[Mma<D>::TRANSPOSED];
    __shared__ __align__(16) unsigned values[Mma<D>::BY_ROWS];
    Head head = head_of_block(tokens, heads, head_dim, MMA_ROWS);
    size_t stride = 3 * (size_t)head.width;
    int token = mma_first_row(head.block) + mma_g();
    bool busy = mma_first_row(head.block) < tokens;
    QueryGradients<D> queries;
    Mma<D>::load(queries.q, qkv + head.packed(token), stride, tokens - token, head_dim);
    Mma<D>::load(queries.dy, dy + head.row(token), head.width, tokens - token, head_dim);
    Mma<D>::clear(queries.dq);
#pragma unroll
    for (int half = 0; half < 2; half++) {
        int row = token + 8 * half;
        queries.delta[half] = row_delta<D>(dy + head.row(row), y + head.row(row), row < tokens, head_dim);
        queries.lse[half] = row < tokens ? lse[head.scalar(row)] : INFINITY;
        if (row < tokens && mma_t() == 0) delta[head.scalar(row)] = queries.delta[half];
    }
    for (int first = 0; first < tokens; first += MMA_ROWS) {
        const float* key = qkv + head.packed(first) + head.width;
        int valid = min(MMA_ROWS, tokens - first);
        __syncthreads();    // the last tile may still be read
        Mma<D>::fill(keys, keys_transposed, key, stride, valid, head_dim);
        Mma<D>::fill(values, nullptr, key + head.width, stride, valid, head_dim);
        __syncthreads();
        int end = busy ? valid : 0;
        for (int group = 0; 16 * group < end; group++) {
            query_gradients<D>(queries, keys, keys_transposed, values, group, valid, scale * LOG2E);
        }
    }
#pragma unroll
    for (int half = 0; half < 2; half++) {
        int row = token + 8 * half;
        if (row < tokens) Mma<D>::store(dqkv + head.packed(row), queries.dq, half, scale, head_dim);
    }
}

template <int D>
struct KeyGradients {
    unsigned k[Mma<D>::STEPS][4];
    unsigned v[Mma<D>::STEPS][4];
    float dk[Mma<D>::TILES][4];    // times sqrt(d)
    float dv[Mma<D>::TILES][4];
};

// A tile of the second kernel in shared memory; a query that is not there has lse = inf, so its weights are 0.
struct QueryTile {
    const unsigned* q;
    const unsigned* q_transposed;
    const unsigned* dy;
    const unsigned* dy_transposed;
    const float2* lse_delta;
};

// dv += p^T dy, dk += ds^T q over queries 16*group .. 16*group+15 of the tile.
template <int D>
__device__ __forceinline__ void key_gradients(
        KeyGradients<D>& keys, const QueryTile& tile, int group, float scale) {
    float p[2][4];
    float ds[2][4];
#pragma unroll
    for (int n = 0; n < 2; n++) {
        float s[4];
        float dp[4];
        Mma<D>::over_columns(s, keys.k, tile.q, 2 * group + n);
        Mma<D>::over_columns(dp, keys.v, tile.dy, 2 * group + n);
#pragma unroll
        for (int i = 0; i < 4; i++) {
            float2 of_query = tile.lse_delta[16 * group + 8 * n + 2 * mma_t() + i % 2];
            p[n][i] = exp2_fast(fmaf(s[i], scale, -of_query.x));
            ds[n][i] = p[n][i] * (dp[i] - of_query.y);
        }
    }
    unsigned a[4];
    operand(a, p[0], p[1]);
    Mma<D>::add_over_rows(keys.dv, a, tile.dy_transposed, group);
    operand(a, ds[0], ds[1]);
    Mma<D>::add_over_rows(keys.dk, a, tile.q_transposed, group);
}

template <int D>
__device__ __forceinline__ void attention_mma_backward_key(
        const float* __restrict__ qkv,
        const float* __restrict__ lse,
        const float* __restrict__ delta,
        const float* __restrict__ dy,
        float* __restrict__ dqkv,
        int tokens,
        int heads,
        int head_dim,
        float scale) {    // 1 / sqrt(head_dim)
    __shared__ __align__(16) unsigned q[Mma<D>::BY_ROWS];
    __shared__ __align__(16) unsigned q_transposed[Mma<D>::TRANSPOSED];
    __shared__ __align__(16) unsigned dys[Mma<D>::BY_ROWS];
    __shared__ __align__(16) unsigned dy_transposed[Mma<D>::TRANSPOSED];
    __shared__ __align__(16) float2 lse_delta[MMA_ROWS];
    QueryTile tile = {q, q_transposed, dys, dy_transposed, lse_delta};
    Head head = head_of_block(tokens, heads, head_dim, MMA_ROWS);
    size_t stride = 3 * (size_t)head.width;
    int token = mma_first_row(head.block) + mma_g();
    bool busy = mma_first_row(head.block) < tokens;
    KeyGradients<D> keys;
    const float* key = qkv + head.packed(token) + head.width;
    Mma<D>::load(keys.k, key, stride, tokens - token, head_dim);
    Mma<D>::load(keys.v, key + head.width, stride, tokens - token, head_dim);
    Mma<D>::clear(keys.dk);
    Mma<D>::clear(keys.dv);
    for (int first = 0; first < tokens; first += MMA_ROWS) {
        int valid = min(MMA_ROWS, tokens - first);
        __syncthreads();    // the last tile may still be read
        Mma<D>::fill(q, q_transposed, qkv + head.packed(first), stride, valid, head_dim);
        Mma<D>::fill(dys, dy_transposed, dy + head.row(first), head.width, valid, head_dim);
        if (threadIdx.x < MMA_ROWS) {
            size_t i = head.scalar(first + threadIdx.x);
            bool exists = (int)threadIdx.x < valid;
            lse_delta[threadIdx.x] = exists ? make_float2(lse[i], delta[i]) : make_float2(INFINITY, 0.0f);
        }
        __syncthreads();
        int end = busy ? valid : 0;
        for (int group = 0; 16 * group < end; group++) {
            key_gradients<D>(keys, tile, group, scale * LOG2E);
        }
    }
#pragma unroll
    for (int half = 0; half < 2; half++) {
        int row = token + 8 * half;
        float* dkey = dqkv + head.packed(row) + head.width;
        if (row < tokens) {
            Mma<D>::store(dkey, keys.dk, half, scale, head_dim);
            Mma<D>::store(dkey + head.width, keys.dv, half, 1.0f, head_dim);
        }
    }
}

extern "C" __global__ void __launch_bounds__(MMA_THREADS, 4) attention_mma_backward_query_d8(
        const float* __restrict__ qkv, const float* __restrict__ y, const float* __restrict__ lse,
        const float* __restrict__ dy, float* __restrict__ dqkv, float* __restrict__ delta, int tokens, int heads,
        int head_dim, float scale) {
    attention_mma_backward_query<8>(qkv, y, lse, dy, dqkv, delta, tokens, heads, head_dim, scale);
}

extern "C" __global__ void __launch_bounds__(MMA_THREADS, 4) attention_mma_backward_query_d16(
        const float* __restrict__ qkv, const float* __restrict__ y, const float* __restrict__ lse,
        const float* __restrict__ dy, float* __restrict__ dqkv, float* __restrict__ delta, int tokens, int heads,
        int head_dim, float scale) {
    attention_mma_backward_query<16>(qkv, y, lse, dy, dqkv, delta, tokens, heads, head_dim, scale);
}

extern "C" __global__ void __launch_bounds__(MMA_THREADS, 4) attention_mma_backward_query_d32(
        const float* __restrict__ qkv, const float* __restrict__ y, const float* __restrict__ lse,
        const float* __restrict__ dy, float* __restrict__ dqkv, float* __restrict__ delta, int tokens, int heads,
        int head_dim, float scale) {
    attention_mma_backward_query<32>(qkv, y, lse, dy, dqkv, delta, tokens, heads, head_dim, scale);
}

extern "C" __global__ void __launch_bounds__(MMA_THREADS, 4) attention_mma_backward_query_d64(
        const float* __restrict__ qkv, const float* __restrict__ y, const float* __restrict__ lse,
        const float* __restrict__ dy, float* __restrict__ dqkv, float* __restrict__ delta, int tokens, int heads,
        int head_dim, float scale) {
    attention_mma_backward_query<64>(qkv, y, lse, dy, dqkv, delta, tokens, heads, head_dim, scale);
}

extern "C" __global__ void __launch_bounds__(MMA_THREADS, 3) attention_mma_backward_key_d8(
        const float* __restrict__ qkv, const float* __restrict__ lse, const float* __restrict__ delta,
        const float* __restrict__ dy, float* __restrict__ dqkv, int tokens, int heads, int head_dim, float scale) {
    attention_mma_backward_key<8>(qkv, lse, delta, dy, dqkv, tokens, heads, head_dim, scale);
}

extern "C" __global__ void __launch_bounds__(MMA_THREADS, 3) attention_mma_backward_key_d16(
        const float* __restrict__ qkv, const float* __restrict__ lse, const float* __restrict__ delta,
        const float* __restrict__ dy, float* __restrict__ dqkv, int tokens, int heads, int head_dim, float scale) {
    attention_mma_backward_key<16>(qkv, lse, delta, dy, dqkv, tokens, heads, head_dim, scale);
}

extern "C" __global__ void __launch_bounds__(MMA_THREADS, 3) attention_mma_backward_key_d32(
        const float* __restrict__ qkv, const float* __restrict__ lse, const float* __restrict__ delta,
        const float* __restrict__ dy, float* __restrict__ dqkv, int tokens, int heads, int head_dim, float scale) {
    attention_mma_backward_key<32>(qkv, lse, delta, dy, dqkv, tokens, heads, head_dim, scale);
}

extern "C" __global__ void __launch_bounds__(MMA_THREADS, 3) attention_mma_backward_key_d64(
        const float* __restrict__ qkv, const float* __restrict__ lse, const float* __restrict__ delta,
        const float* __restrict__ dy, float* __restrict__ dqkv, int tokens, int heads, int head_dim, float scale) {
    attention_mma_backward_key<64>(qkv, lse, delta, dy, dqkv, tokens, heads, head_dim, scale);
}

#endif

// v6_two_queries.cu: as v5, but a thread has two queries: what it reads of a key and a value serves both.
//   with m the largest score so far, a new score s gives m' = max(m, s) and
//   sum = sum * exp(m - m') + exp(s - m')   y = y * exp(m - m') + exp(s - m') v   and at the end y / sum
// Shapes   qkv [N,T,3C]; y [N,T,C]. A head's C/heads columns are padded with zeros to D = 4, 8, 16, 32 or 64.
// Threads  64 a block, of 128 queries: thread t has t and t+64. At D = 64 two rows of queries and results would need 256
//          registers, one more than a thread can have: there it has one, as in v5.
// Bytes    as v5, with half as many loads from shared memory and, as a block has twice the queries, from global memory.
// Numbers  as v3.
// Teaches  the memory closest to the arithmetic is a register: a number that is there should be used more than once. And
//          two chains of additions that do not wait for each other. The price: registers, so fewer threads at a time.
// Ships    attention_forward.cu: this, with the maximum looked at every 8 keys, so that y is rescaled an eighth as often;
//          powers of 2, which the hardware has, for powers of e; wide rows cut among neighbouring threads; the logarithm of
//          the sum kept for the backward; one kernel for each D, so that a narrow head does not get the registers of a wide
//          one. Then attention_mma_forward.cu: tensor cores.
#include "attention.cuh"

constexpr int ATTENTION_V6_TILE = 32;    // keys and values

// By the whole block: rows 0..31 of the tile; zeros from `valid` and from `dim` on.
template <int D>
__device__ __forceinline__ void fill_v6(
        float4* tile, const float* __restrict__ from, size_t stride, int valid, int dim) {
    for (int i = threadIdx.x; i < ATTENTION_V6_TILE * D / 4; i += 64) {
        int row = i / (D / 4);
        float4 x = make_float4(0.0f, 0.0f, 0.0f, 0.0f);
        if (row < valid) x = load_columns(from + row * stride, i % (D / 4) * 4, dim);
        tile[i] = x;
    }
}

template <int D>
struct QueryV6 {
    float4 q[D / 4];
    float4 row[D / 4];
    float max;
    float sum;

    __device__ __forceinline__ void begin(const float* __restrict__ from, bool exists, float scale, int dim) {
#pragma unroll
        for (int c = 0; c < D / 4; c++) {
            q[c] = make_float4(0.0f, 0.0f, 0.0f, 0.0f);
            if (exists) q[c] = scale4(scale, load_columns(from, 4 * c, dim));
            row[c] = make_float4(0.0f, 0.0f, 0.0f, 0.0f);
        }
        max = -INFINITY;
        sum = 0.0f;
    }

    __device__ __forceinline__ void attend(const float4 (&k)[D / 4], const float4 (&v)[D / 4]) {
        float s = 0.0f;
#pragma unroll
        for (int c = 0; c < D / 4; c++) {
            s = dot4(s, q[c], k[c]);
        }
        float next = fmaxf(max, s);
        float keep = expf(max - next);
        float p = expf(s - next);
        max = next;
        sum = sum * keep + p;
#pragma unroll
        for (int c = 0; c < D / 4; c++) {
            row[c] = scale4(keep, row[c]);
            add_scaled4(row[c], p, v[c]);
        }
    }
};

template <int D>
__device__ __forceinline__ void attend_v6(
        const float* __restrict__ qkv, float* __restrict__ y, int tokens, int heads, int dim, float scale, float4* keys,
        float4* values) {
    constexpr int QUERIES = D <= 32 ? 2 : 1;    // of a thread
    Head head = head_of_block(tokens, heads, dim, 64 * QUERIES);
    int i = head.block * 64 * QUERIES + (int) threadIdx.x;
    QueryV6<D> query[QUERIES];
#pragma unroll
    for (int r = 0; r < QUERIES; r++) {
        query[r].begin(qkv + head.packed(i + 64 * r), i + 64 * r < tokens, scale, dim);
    }
    for (int first = 0; first < tokens; first += ATTENTION_V6_TILE) {
        const float* key = qkv + head.packed(first) + head.width;
        int valid = min(ATTENTION_V6_TILE, tokens - first);
        __syncthreads();    // the last tile may still be read
        fill_v6<D>(keys, key, 3 * (size_t) head.width, valid, dim);
        fill_v6<D>(values, key + head.width, 3 * (size_t) head.width, valid, dim);
        __syncthreads();
        for (int j = 0; j < valid; j++) {
            float4 k[D / 4];
            float4 v[D / 4];
#pragma unroll
            for (int c = 0; c < D / 4; c++) {
                k[c] = keys[j * (D / 4) + c];
                v[c] = values[j * (D / 4) + c];
            }
#pragma unroll
            for (int r = 0; r < QUERIES; r++) {
                query[r].attend(k, v);
            }
        }
    }
#pragma unroll
    for (int r = 0; r < QUERIES; r++) {
#pragma unroll
        for (int c = 0; c < D / 4; c++) {
            if (i + 64 * r < tokens) {
                store_columns(y + head.row(i + 64 * r), 4 * c, dim, scale4(1.0f / query[r].sum, query[r].row[c]));
            }
        }
    }
}

extern "C" __global__ void __launch_bounds__(64) attention_v6(
        const float* __restrict__ qkv,
        float* __restrict__ y,
        int tokens,
        int channels,
        int heads,
        float scale) {    // 1 / sqrt(columns of a head)
    __shared__ float4 keys[ATTENTION_V6_TILE * 64 / 4];
    __shared__ float4 values[ATTENTION_V6_TILE * 64 / 4];
    int dim = channels / heads;
    if (dim <= 4) attend_v6<4>(qkv, y, tokens, heads, dim, scale, keys, values);
    else if (dim <= 8) attend_v6<8>(qkv, y, tokens, heads, dim, scale, keys, values);
    else if (dim <= 16) attend_v6<16>(qkv, y, tokens, heads, dim, scale, keys, values);
    else if (dim <= 32) attend_v6<32>(qkv, y, tokens, heads, dim, scale, keys, values);
    else attend_v6<64>(qkv, y, tokens, heads, dim, scale, keys, values);
}

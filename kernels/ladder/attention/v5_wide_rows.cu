// v5_wide_rows.cu: as v4, but rows are made of float4: 16 bytes move at a time.
//   with m the largest score so far, a new score s gives m' = max(m, s) and
//   sum = sum * exp(m - m') + exp(s - m')   y = y * exp(m - m') + exp(s - m') v   and at the end y / sum
// Shapes   qkv [N,T,3C]; y [N,T,C]. A head's C/heads columns are padded with zeros to D = 4, 8, 16, 32 or 64. Where 4 does
//          not divide them rows are not aligned, and load_columns and store_columns (attention.cuh) go column by column.
// Threads  one per query, 64 a block.
// Bytes    as v4; the tile of one thread's loop, 8*D bytes a key, comes in D/2 loads from shared memory instead of 2*D.
// Numbers  as v3.
// Teaches  in v4 each multiply-add has a load of its own, and loads are the scarcer instruction: one that brings four numbers
//          replaces four.
#include "attention.cuh"

constexpr int ATTENTION_V5_TILE = 32;    // keys and values

// By the whole block: rows 0..31 of the tile; zeros from `valid` and from `dim` on.
template <int D>
__device__ __forceinline__ void fill_v5(
        float4* tile, const float* __restrict__ from, size_t stride, int valid, int dim) {
    for (int i = threadIdx.x; i < ATTENTION_V5_TILE * D / 4; i += 64) {
        int row = i / (D / 4);
        float4 x = make_float4(0.0f, 0.0f, 0.0f, 0.0f);
        if (row < valid) x = load_columns(from + row * stride, i % (D / 4) * 4, dim);
        tile[i] = x;
    }
}

template <int D>
__device__ __forceinline__ void attend_v5(
        const float* __restrict__ qkv, float* __restrict__ y, int tokens, int heads, int dim, float scale, float4* keys,
        float4* values) {
    Head head = head_of_block(tokens, heads, dim, 64);
    int i = head.block * 64 + (int) threadIdx.x;
    bool exists = i < tokens;
    float4 q[D / 4];
    float4 row[D / 4];
#pragma unroll
    for (int c = 0; c < D / 4; c++) {
        q[c] = make_float4(0.0f, 0.0f, 0.0f, 0.0f);
        if (exists) q[c] = scale4(scale, load_columns(qkv + head.packed(i), 4 * c, dim));
        row[c] = make_float4(0.0f, 0.0f, 0.0f, 0.0f);
    }
    float max = -INFINITY;
    float sum = 0.0f;
    for (int first = 0; first < tokens; first += ATTENTION_V5_TILE) {
        const float* k = qkv + head.packed(first) + head.width;
        int valid = min(ATTENTION_V5_TILE, tokens - first);
        __syncthreads();    // the last tile may still be read
        fill_v5<D>(keys, k, 3 * (size_t) head.width, valid, dim);
        fill_v5<D>(values, k + head.width, 3 * (size_t) head.width, valid, dim);
        __syncthreads();
        for (int j = 0; j < valid; j++) {
            float s = 0.0f;
#pragma unroll
            for (int c = 0; c < D / 4; c++) {
                s = dot4(s, q[c], keys[j * (D / 4) + c]);
            }
            float next = fmaxf(max, s);
            float keep = expf(max - next);
            float p = expf(s - next);
            max = next;
            sum = sum * keep + p;
#pragma unroll
            for (int c = 0; c < D / 4; c++) {
                row[c] = scale4(keep, row[c]);
                add_scaled4(row[c], p, values[j * (D / 4) + c]);
            }
        }
    }
#pragma unroll
    for (int c = 0; c < D / 4; c++) {
        if (exists) store_columns(y + head.row(i), 4 * c, dim, scale4(1.0f / sum, row[c]));
    }
}

extern "C" __global__ void __launch_bounds__(64) attention_v5(
        const float* __restrict__ qkv,
        float* __restrict__ y,
        int tokens,
        int channels,
        int heads,
        float scale) {    // 1 / sqrt(columns of a head)
    __shared__ float4 keys[ATTENTION_V5_TILE * 64 / 4];
    __shared__ float4 values[ATTENTION_V5_TILE * 64 / 4];
    int dim = channels / heads;
    if (dim <= 4) attend_v5<4>(qkv, y, tokens, heads, dim, scale, keys, values);
    else if (dim <= 8) attend_v5<8>(qkv, y, tokens, heads, dim, scale, keys, values);
    else if (dim <= 16) attend_v5<16>(qkv, y, tokens, heads, dim, scale, keys, values);
    else if (dim <= 32) attend_v5<32>(qkv, y, tokens, heads, dim, scale, keys, values);
    else attend_v5<64>(qkv, y, tokens, heads, dim, scale, keys, values);
}

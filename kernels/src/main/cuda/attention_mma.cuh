// attention_mma.cuh: how the bf16 attention kernels feed the tensor cores: fragments in registers, tiles in shared memory.
// Threads  128: four warps of 16 rows. Lane 4*g + t works on rows g and g + 8 of its warp (mma_bf16 in device.cuh).
// Tiles    64 rows of fp32, rounded to bf16 on the way into shared memory, in one or both of two layouts:
//   by rows      [64][ROW_WORDS] words of two neighbouring columns: operand b of a product that sums over columns
//   transposed   [D][32] words of two neighbouring rows of one column: operand b of a product that sums over rows
// Order    a sum may run over its index in any order if both operands agree on it. Over columns, the four that lane t takes
//          of every 16 are 4t .. 4t+3, so that they are one float4 in global and one uint2 in shared memory. Over rows the
//          order is that of the scores' accumulators, and the transposed layout puts the words that a lane needs side by
//          side: pair w of every 8 at 2 * (w % 4) + w / 4.
// Banks    a half warp reads four rows (columns) x 8 neighbouring words: rows ROW_WORDS = 8 mod 16 words apart differ in
//          their banks, and so do transposed columns, whose groups of 8 words are exchanged by `group`: no conflicts.
//          Stores: transposed none from D = 16 on, by rows two-fold.
#pragma once

#include "attention.cuh"

constexpr int MMA_THREADS = 128;
constexpr int MMA_ROWS = 64;    // of a block, and of a tile

__device__ __forceinline__ int mma_g() {
    return threadIdx.x % 32 / 4;
}

__device__ __forceinline__ int mma_t() {
    return threadIdx.x % 4;
}

// The first of the 16 rows of this warp.
__device__ __forceinline__ int mma_first_row(int block) {
    return block * MMA_ROWS + (int)threadIdx.x / 32 * 16;
}

// The sum, and the maximum, over the four lanes that share a row.
__device__ __forceinline__ float quad_sum(float v) {
    v += __shfl_xor_sync(0xffffffffu, v, 1);
    return v + __shfl_xor_sync(0xffffffffu, v, 2);
}

__device__ __forceinline__ float quad_max(float v) {
    v = fmaxf(v, __shfl_xor_sync(0xffffffffu, v, 1));
    return fmaxf(v, __shfl_xor_sync(0xffffffffu, v, 2));
}

// Two neighbouring accumulators [16,8] as the operand a of a product that sums over their 16 columns.
__device__ __forceinline__ void operand(unsigned (&a)[4], const float (&left)[4], const float (&right)[4]) {
    a[0] = pack_bf16(left[0], left[1]);
    a[1] = pack_bf16(left[2], left[3]);
    a[2] = pack_bf16(right[0], right[1]);
    a[3] = pack_bf16(right[2], right[3]);
}

template <int D>
struct Mma {
    static constexpr int COLUMNS = D < 16 ? 16 : D;    // summed over in steps of 16; those from D on are zeros
    static constexpr int STEPS = COLUMNS / 16;
    static constexpr int TILES = D / 8;    // accumulators [16,8] of a result [16,D]
    static constexpr int ROW_WORDS = COLUMNS == 16 ? 8 : COLUMNS / 2 + 8;
    static constexpr int BY_ROWS = MMA_ROWS * ROW_WORDS;       // words of a tile
    static constexpr int TRANSPOSED = D * (MMA_ROWS / 2);

    // Operand a: this warp's 16 rows; `row` begins this lane's row g, `stride` floats lie between rows.
    static __device__ __forceinline__ void load(
            unsigned (&a)[STEPS][4], const float* __restrict__ row, size_t stride, int rows_left, int dim) {
#pragma unroll
        for (int step = 0; step < STEPS; step++) {
#pragma unroll
            for (int half = 0; half < 2; half++) {
                float4 x = make_float4(0.0f, 0.0f, 0.0f, 0.0f);
                if (8 * half < rows_left) x = load_columns(row + 8 * half * stride, 16 * step + 4 * mma_t(), dim);
                a[step][half] = pack_bf16(x.x, x.y);
                a[step][half + 2] = pack_bf16(x.z, x.w);
            }
        }
    }

    // Writes an accumulator row to global memory: this lane's columns 8*tile + 2t and the next.
    static __device__ __forceinline__ void store(
            float* __restrict__ row, const float (&sum)[TILES][4], int half, float factor, int dim) {
#pragma unroll
        for (int tile = 0; tile < TILES; tile++) {
            int column = 8 * tile + 2 * mma_t();
            float2 x = make_float2(factor * sum[tile][2 * half], factor * sum[tile][2 * half + 1]);
            if (dim % 2 == 0) {
                if (column < dim) *reinterpret_cast<float2*>(row + column) = x;
            } else {
                if (column < dim) row[column] = x.x;
                if (column + 1 < dim) row[column + 1] = x.y;
            }
        }
    }

    static __device__ __forceinline__ void clear(float (&sum)[TILES][4]) {
#pragma unroll
        for (int tile = 0; tile < TILES; tile++) {
#pragma unroll
            for (int i = 0; i < 4; i++) {
                sum[tile][i] = 0.0f;
            }
        }
    }

    // Where group `group` of 8 words of a column lies in the transposed layout.
    static __device__ __forceinline__ int transposed_group(int column, int group) {
        return column * (MMA_ROWS / 2) + 8 * (group ^ ((column ^ column >> 2) & 3));
    }

    // By the whole block: rows 0 .. 63 of a tile, the n'th at from + n * stride; zeros from `valid` on. A layout that is not
    // wanted is null. Lanes: four neighbouring float4s of a row, then eight pairs of rows.
    static __device__ __forceinline__ void fill(
            unsigned* by_rows, unsigned* transposed, const float* __restrict__ from, size_t stride, int valid, int dim) {
#pragma unroll
        for (int i = threadIdx.x; i < MMA_ROWS / 2 * (COLUMNS / 4); i += MMA_THREADS) {
            int column = 4 * (i % 4 + i / MMA_THREADS % STEPS * 4);
            int pair = i / 4 % 32;
            float4 x = make_float4(0.0f, 0.0f, 0.0f, 0.0f);
            float4 y = x;
            if (2 * pair < valid) x = load_columns(from + 2 * pair * stride, column, dim);
            if (2 * pair + 1 < valid) y = load_columns(from + (2 * pair + 1) * stride, column, dim);
            if (by_rows != nullptr) {
                unsigned* word = by_rows + 2 * pair * ROW_WORDS + column / 2;
                *reinterpret_cast<uint2*>(word) = make_uint2(pack_bf16(x.x, x.y), pack_bf16(x.z, x.w));
                *reinterpret_cast<uint2*>(word + ROW_WORDS) = make_uint2(pack_bf16(y.x, y.y), pack_bf16(y.z, y.w));
            }
            if (transposed != nullptr && column < D) {
                int word = 2 * (pair % 4) + pair % 8 / 4;
                transposed[transposed_group(column, pair / 8) + word] = pack_bf16(x.x, y.x);
                transposed[transposed_group(column + 1, pair / 8) + word] = pack_bf16(x.y, y.y);
                transposed[transposed_group(column + 2, pair / 8) + word] = pack_bf16(x.z, y.z);
                transposed[transposed_group(column + 3, pair / 8) + word] = pack_bf16(x.w, y.w);
            }
        }
    }

    // sum[16,8] = a . (rows 8*n .. 8*n+7 of the tile), over the columns.
    static __device__ __forceinline__ void over_columns(
            float (&sum)[4], const unsigned (&a)[STEPS][4], const unsigned* by_rows, int n) {
        sum[0] = sum[1] = sum[2] = sum[3] = 0.0f;
#pragma unroll
        for (int step = 0; step < STEPS; step++) {
            const unsigned* word = by_rows + (8 * n + mma_g()) * ROW_WORDS + 8 * step + 2 * mma_t();
            mma_bf16(sum, a[step], *reinterpret_cast<const uint2*>(word));
        }
    }

    // sum[16,D] += a (rows 16*group .. 16*group+15 of the tile), over those rows.
    static __device__ __forceinline__ void add_over_rows(
            float (&sum)[TILES][4], const unsigned (&a)[4], const unsigned* transposed, int group) {
#pragma unroll
        for (int tile = 0; tile < TILES; tile++) {
            const unsigned* word = transposed + transposed_group(8 * tile + mma_g(), group) + 2 * mma_t();
            mma_bf16(sum[tile], a, *reinterpret_cast<const uint2*>(word));
        }
    }
};

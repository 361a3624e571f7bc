// attention_rows.cuh: how the fp32 attention kernels divide rows among threads, and tiles of rows in shared memory.
// Threads  64 of a block. A thread owns ROWS = 2 rows, 32/LANES apart, so a warp owns 64/LANES neighbouring rows. Up to 16
//          columns a row lies in one thread's registers; of wider ones LANES = D/16 neighbouring threads hold 16 columns
//          each, interleaved by four, and add their parts of a dot product by shuffles.
// Tiles    the rows that all threads read are staged in shared memory; all lanes of a warp read the same LANES float4s of
//          it at a time: one broadcast, no bank conflict.
#pragma once

#include "attention.cuh"

constexpr int ATTENTION_THREADS = 64;

template <int D>
struct RowSplit {
    static constexpr int ROWS = 2;
    static constexpr int LANES = D <= 16 ? 1 : D / 16;
    static constexpr int PACKS = D / 4 / LANES;    // float4s of a row in one thread
    static constexpr int STEP = 32 / LANES;        // from a thread's row to its next
    static constexpr int WARP_ROWS = ROWS * STEP;
    static constexpr int BLOCK_ROWS = ATTENTION_THREADS / 32 * WARP_ROWS;
    static constexpr int TILE = D <= 32 ? 64 : 2048 / D;    // rows in shared memory: 2 * 4 * D * TILE <= 16 KB

    static __device__ __forceinline__ int lane() {
        return threadIdx.x % LANES;
    }

    // The pack'th float4 of this thread's part of a row, as its number in the row.
    static __device__ __forceinline__ int pack(int i) {
        return i * LANES + lane();
    }

    static __device__ __forceinline__ int first_row_of_warp(int block) {
        return block * BLOCK_ROWS + (int)threadIdx.x / 32 * WARP_ROWS;
    }

    static __device__ __forceinline__ int first_row(int block) {
        return first_row_of_warp(block) + (int)threadIdx.x % 32 / LANES;
    }

    // This thread's part of `token`'s row; zeros for a token past the end. at: where token 0's row begins.
    static __device__ __forceinline__ void load(
            float4 (&part)[PACKS], const float* __restrict__ row, bool exists, float factor, int dim) {
#pragma unroll
        for (int i = 0; i < PACKS; i++) {
            float4 x = make_float4(0.0f, 0.0f, 0.0f, 0.0f);
            if (exists) x = load_columns(row, 4 * pack(i), dim);
            part[i] = scale4(factor, x);
        }
    }

    static __device__ __forceinline__ void store(
            float* __restrict__ row, const float4 (&part)[PACKS], float factor, int dim) {
#pragma unroll
        for (int i = 0; i < PACKS; i++) {
            store_columns(row, 4 * pack(i), dim, scale4(factor, part[i]));
        }
    }

    static __device__ __forceinline__ void clear(float4 (&part)[PACKS]) {
#pragma unroll
        for (int i = 0; i < PACKS; i++) {
            part[i] = make_float4(0.0f, 0.0f, 0.0f, 0.0f);
        }
    }

    static __device__ __forceinline__ float dot(const float4 (&a)[PACKS], const float4 (&b)[PACKS]) {
        float sum = 0.0f;
#pragma unroll
        for (int i = 0; i < PACKS; i++) {
            sum = dot4(sum, a[i], b[i]);
        }
        return sum;
    }

    // The sum over the lanes that share a row, the same bits in each.
    static __device__ __forceinline__ float over_lanes(float v) {
#pragma unroll
        for (int offset = LANES / 2; offset > 0; offset /= 2) {
            v += __shfl_xor_sync(0xffffffffu, v, offset);
        }
        return v;
    }

    // This thread's part of a tile's row.
    static __device__ __forceinline__ void read(float4 (&part)[PACKS], const float4* tile, int row) {
#pragma unroll
        for (int i = 0; i < PACKS; i++) {
            part[i] = tile[row * (D / 4) + pack(i)];
        }
    }

    // By the whole block: rows 0 .. TILE-1, the n'th beginning at from + n * stride; zeros from `valid` on.
    static __device__ __forceinline__ void fill(
            float4* tile, const float* __restrict__ from, size_t stride, int valid, int dim) {
        for (int i = threadIdx.x; i < TILE * (D / 4); i += ATTENTION_THREADS) {
            int row = i / (D / 4);
            float4 x = make_float4(0.0f, 0.0f, 0.0f, 0.0f);
            if (row < valid) x = load_columns(from + row * stride, 4 * (i % (D / 4)), dim);
            tile[i] = x;
        }
    }
};

// panel.cuh: a block of threads laid over pixels and channels.
// NHWC memory is a matrix: a row per pixel, its channels side by side. A block takes `columns` neighbouring packs of W
// channels of `rows` pixels at once: thread t has column t % columns of row t / columns. So neighbouring threads read
// neighbouring addresses, and a thread stays with its channels: what belongs to a channel (gamma, beta, sums) lives in
// its registers, and no loop divides. Threads left over (row >= rows) rest; they still take part in barriers.
#pragma once
#include "device.cuh"

struct Panel {
    int shares;    // a pixel's packs are taken in so many turns, nearly always 1
    int columns;
    int rows;
    int column;
    int row;
};

// Lays blockDim.x threads over pixels of so many packs; where one row of threads cannot hold a pixel, in even shares.
__device__ __forceinline__ Panel panel_over(int packs) {
    Panel p;
    int threads = blockDim.x;
    p.shares = (packs + threads - 1) / threads;
    p.columns = (packs + p.shares - 1) / p.shares;
    p.rows = threads / p.columns;
    p.column = threadIdx.x % p.columns;
    p.row = threadIdx.x / p.columns;
    return p;
}

// v[j] in the threads of row 0 becomes the sum of v[j] over all rows of their column, four rows at a time, in an order
// that only the panel decides. Needs V * blockDim.x floats of shared memory; ends without a barrier.
template <int V>
__device__ __forceinline__ void sum_rows(float (&v)[V], const Panel& p, float* shared) {
    __syncthreads();    // shared may still be read
#pragma unroll
    for (int j = 0; j < V; j++) {
        shared[j * blockDim.x + threadIdx.x] = v[j];
    }
    int left = p.rows;
    while (left > 1) {
        int quarter = (left + 3) / 4;
        __syncthreads();    // rows quarter .. left-1 are written; only rows below quarter are written from here on
        if (p.row < quarter) {
#pragma unroll
            for (int j = 0; j < V; j++) {
                float* at = shared + j * blockDim.x + threadIdx.x;
                for (int k = 1; k < 4; k++) {
                    if (p.row + k * quarter < left) {
                        v[j] += at[k * quarter * p.columns];
                    }
                }
                *at = v[j];
            }
        }
        left = quarter;
    }
}

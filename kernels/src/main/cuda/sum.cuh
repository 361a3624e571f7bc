// sum.cuh: sums in double whose order depends on the length alone, so that every GPU gets the same bits.
//   Stage one: a block adds its elements, one partial sum each. Stage two: one block adds the partial sums.
// Numbers  double even where the data is float: squares of floats leave float's range, and a double of two floats' product is
//          exact. Consumer GPUs do a 64th of their float rate in double; these loops stay bound by memory or close to it.
#pragma once

#define SUM_THREADS 256

// The sum over all threads of a block of SUM_THREADS threads, in a fixed order; valid in thread 0. Once per kernel.
__device__ __forceinline__ double block_sum(double v) {
    __shared__ double warp_sums[SUM_THREADS / 32];
    for (int d = 16; d > 0; d >>= 1) {
        v += __shfl_down_sync(0xffffffffu, v, d);
    }
    if (threadIdx.x % 32 == 0) {
        warp_sums[threadIdx.x / 32] = v;
    }
    __syncthreads();
    double sum = 0.0;
    if (threadIdx.x == 0) {
        for (int i = 0; i < SUM_THREADS / 32; i++) {
            sum += warp_sums[i];
        }
    }
    return sum;
}

// Stage two: the sum of `parts` partial sums; valid in thread 0 of the one block.
__device__ __forceinline__ double sum_of_parts(const double* partial, int parts) {
    double v = 0.0;
    for (int i = threadIdx.x; i < parts; i += SUM_THREADS) {
        v += partial[i];
    }
    return block_sum(v);
}

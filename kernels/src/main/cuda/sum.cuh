// sum.cuh: sums in double whose order depends on the length alone, so that every GPU gets the same bits.
//   Stage one: a block adds its elements, one partial sum each. Stage two: one block adds the partial sums.
// Numbers  double even where the data is float: squares of floats leave float's range, and a double holds a product of two
//          floats exactly. Consumer GPUs do a 64th of their float rate in double; memory still bounds these loops, or nearly.
#pragma once
#include "device.cuh"

#define SUM_THREADS 256

// The sum over a block of SUM_THREADS threads, in each of them. Once per kernel.
__device__ __forceinline__ double sum_over_block(double v) {
    __shared__ double warps[32];
    return block_sum(v, warps);
}

// Stage two: the sum of `parts` partial sums by one block, in each of its threads.
__device__ __forceinline__ double sum_of_parts(const double* partial, int parts) {
    double v = 0.0;
    for (int i = (int)threadIdx.x; i < parts; i += SUM_THREADS) {
        v += partial[i];
    }
    return sum_over_block(v);
}

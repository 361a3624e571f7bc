// reduce.cu: global norm of all gradients, its scale, and whether training may go on. Pascanu et al. 2013, section 3.2.
//   norm = sqrt(sum over slots of sum(grad^2))     state = [norm, scale, good, -], scale = min(1, max_norm / (norm + 1e-6))
//   The scale takes norm in double; state and results hold it rounded to float.
//   results[2 * slot] = loss, results[2 * slot + 1] = norm, slot from UpdateNumbers
// Shapes   grad [n] of each slot, any n; partial [blocks of all launches]; loss [1]; state [4]; results [2 * slots].
// Threads  two stages (sum.cuh): slots.cuh's blocks, one partial sum each; then one block over the partial sums, whose thread 0
//          writes state and results. max_norm 0: scale is 1. good stays 0 once a loss or a norm was not finite.
// Bytes    4 read per element.
// Numbers  squares in double, where they are exact: same bits on every GPU. Fixed order, no atomics.
#include "slots.cuh"
#include "sum.cuh"

__device__ __forceinline__ double square(float x) {
    return (double)x * (double)x;
}

__device__ __forceinline__ bool finite(float x) {
    return fabsf(x) <= 3.402823466e+38f;  // false for NaN
}

extern "C" __global__ void __launch_bounds__(SLOT_THREADS) square_sums(
        double* __restrict__ partial,
        const SlotList<1, 192> list) {
    int slot = slot_of(list, (int)blockIdx.x);
    const float* x = list.pointer[slot][0];
    long long n = list.n[slot];
    long long start = (long long)((int)blockIdx.x - list.first_block[slot]) * SLOT_CHUNK;
    double v = 0.0;
    for (int i = 4 * (int)threadIdx.x; i < SLOT_CHUNK; i += 4 * SLOT_THREADS) {
        long long at = start + i;
        if (at + 3 < n) {
            float4 a = *reinterpret_cast<const float4*>(x + at);
            v += (square(a.x) + square(a.y)) + (square(a.z) + square(a.w));
        } else {
            for (long long k = at; k < n; k++) {
                v += square(x[k]);
            }
        }
    }
    double sum = sum_over_block(v);
    if (threadIdx.x == 0) {
        partial[list.first_part + (int)blockIdx.x] = sum;
    }
}

extern "C" __global__ void __launch_bounds__(SUM_THREADS) gradient_clip(
        const int* __restrict__ numbers,  // UpdateNumbers: slot
        const float* __restrict__ loss,
        const double* __restrict__ partial,
        float* __restrict__ state,
        float* __restrict__ results,
        int parts,
        float max_norm) {
    double sum = sum_of_parts(partial, parts);
    if (threadIdx.x != 0) {
        return;
    }
    double exact = sqrt(sum);
    float norm = (float)exact;
    double scale = (double)max_norm / (exact + 1e-6);
    state[0] = norm;
    state[1] = max_norm == 0.0f || scale > 1.0 ? 1.0f : (float)scale;
    if (!finite(loss[0]) || !finite(norm)) {
        state[2] = 0.0f;
    }
    int slot = numbers[0];
    results[2 * slot] = loss[0];
    results[2 * slot + 1] = norm;
}

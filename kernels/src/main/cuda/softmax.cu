// softmax.cu: the softmax of rows, and its gradient; float32.
//   y[i,k] = exp(x[i,k] - max) / sum over j of exp(x[i,j] - max)      max the largest of row i
//   dx[i,k] = y[i,k] (dy[i,k] - sum over j of dy[i,j] y[i,j])
// Shapes   x, y, dy, dx [rows,length], any of both >= 1. y may lie over x, dx over dy or y.
// Threads  a row is taken by a warp (row_threads 32) or by the whole block (row_threads = blockDim.x, at most 1024); rows in
//          strides of the grid, any grid. Thread t of a row takes its elements t, t + row_threads, ...
// Bytes    8 per element forward, 12 backward: a row is read three times (twice), from the second time on from the cache.
// Numbers  the largest of a row is taken off first, so no exp overflows and one of them is 1. Fixed order: a row's sum depends on
//          its length alone. A row of -infinity alone, or with one that is infinite or no number, becomes NaN.
#include "device.cuh"

// Calls f(offset of the row, thread of the row) for each row of this thread's warp or block.
template <typename F>
__device__ __forceinline__ void each_row(int rows, int length, int row_threads, F f) {
    int per_block = blockDim.x / row_threads;
    long long first = (long long) blockIdx.x * per_block + threadIdx.x / row_threads;
    for (long long row = first; row < rows; row += (long long) gridDim.x * per_block) {
        f((size_t) row * length, (int) threadIdx.x % row_threads);
    }
}

extern "C" __global__ void __launch_bounds__(256) softmax_forward(
        const float* x,
        float* y,
        int rows,
        int length,
        int row_threads) {
    __shared__ float shared[32];
    bool warp = row_threads == 32;
    each_row(rows, length, row_threads, [&](size_t at, int thread) {
        float most = __int_as_float(0xff800000);        // -infinity
        for (int k = thread; k < length; k += row_threads) {
            most = fmaxf(most, x[at + k]);
        }
        most = warp ? warp_max(most) : block_max(most, shared);
        float sum = 0.0f;
        for (int k = thread; k < length; k += row_threads) {
            sum += expf(x[at + k] - most);
        }
        sum = warp ? warp_sum(sum) : block_sum(sum, shared);
        for (int k = thread; k < length; k += row_threads) {
            y[at + k] = expf(x[at + k] - most) / sum;
        }
    });
}

extern "C" __global__ void __launch_bounds__(256) softmax_backward(
        const float* y,
        const float* dy,
        float* dx,
        int rows,
        int length,
        int row_threads) {
    __shared__ float shared[32];
    bool warp = row_threads == 32;
    each_row(rows, length, row_threads, [&](size_t at, int thread) {
        float sum = 0.0f;
        for (int k = thread; k < length; k += row_threads) {
            sum += dy[at + k] * y[at + k];
        }
        sum = warp ? warp_sum(sum) : block_sum(sum, shared);
        for (int k = thread; k < length; k += row_threads) {
            dx[at + k] = y[at + k] * (dy[at + k] - sum);
        }
    });
}

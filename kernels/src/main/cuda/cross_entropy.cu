// cross_entropy.cu: the cross entropy of a softmax and a label, row by row, and its gradient; float32.
//   log_sum[i] = max + log(sum over k of exp(x[i][k] - max))      per_row[i] = log_sum[i] - x[i][label[i]]
//   dx[i][k]   = dloss / rows (exp(x[i][k] - log_sum[i]) - (k == label[i]))
// Shapes   x, dx [rows,classes], label int [rows], any of both >= 1. A label that is no class gives NaN.
// Threads  forward one warp a row, eight rows a block; backward one element each in strides of the grid.
// Bytes    4 per element forward (a row is read twice, the second time from the cache), backward 8.
// Numbers  the largest of a row is taken off first, so no exp overflows and one of them is 1.
#include "device.cuh"

extern "C" __global__ void __launch_bounds__(256) cross_entropy(
        const float* __restrict__ x,
        const int* __restrict__ label,
        float* __restrict__ log_sum,
        float* __restrict__ per_row,
        int rows,
        int classes) {
    int row = (int)(blockIdx.x * (blockDim.x >> 5) + (threadIdx.x >> 5));
    int lane = threadIdx.x & 31;
    if (row >= rows) {
        return;                     // the whole warp
    }
    const float* of = x + (long long)row * classes;
    float most = __int_as_float(0xff800000);        // -infinity
    for (int k = lane; k < classes; k += 32) {
        most = fmaxf(most, of[k]);
    }
    most = warp_max(most);
    float sum = 0.0f;
    for (int k = lane; k < classes; k += 32) {
        sum += expf(of[k] - most);
    }
    sum = warp_sum(sum);
    if (lane == 0) {
        float log = most + logf(sum);
        int k = label[row];
        log_sum[row] = log;
        per_row[row] = k >= 0 && k < classes ? log - of[k] : __int_as_float(0x7fc00000);
    }
}

extern "C" __global__ void __launch_bounds__(256) cross_entropy_backward(
        const float* __restrict__ x,
        const int* __restrict__ label,
        const float* __restrict__ log_sum,
        const float* __restrict__ dloss,
        float* __restrict__ dx,
        int rows,
        int classes) {
    float factor = dloss[0] / (float)rows;
    long long n = (long long)rows * classes;
    long long threads = (long long)gridDim.x * blockDim.x;
    for (long long i = (long long)blockIdx.x * blockDim.x + threadIdx.x; i < n; i += threads) {
        int row = (int)(i / classes);
        int k = (int)(i - (long long)row * classes);
        dx[i] = factor * (expf(x[i] - log_sum[row]) - (k == label[row] ? 1.0f : 0.0f));
    }
}

// loss.cu: mean squared error with its gradient, and sums: reductions to one number.
//   loss = sum((pred - target)^2) / n     dpred = dloss * 2 (pred - target) / n     y = factor * sum(x)
// Shapes   pred, target, dpred, x [n], any n; loss, dloss, y [1]; partial [blocks of stage one].
// Threads  two stages (sum.cuh): blocks of 256 that stride over groups of four elements, min(ceil(n/4096), 1024) of them on
//          every GPU; then one block over their sums. mse_backward: a group of four per thread, blocks stride.
// Bytes    mse: 8 read per element. mse_backward: 8 read, 4 written. sum: 4 read.
// Numbers  differences, squares and sums in double, one rounding at the end. Fixed order, no atomics.
#include "sum.cuh"

__device__ __forceinline__ double squared(float a, float b) {
    double d = (double)a - (double)b;
    return d * d;
}

extern "C" __global__ void __launch_bounds__(SUM_THREADS) mse_partial(
        const float* __restrict__ pred,
        const float* __restrict__ target,
        double* __restrict__ partial,
        long long n) {
    long long stride = (long long)gridDim.x * SUM_THREADS;
    long long first = (long long)blockIdx.x * SUM_THREADS + threadIdx.x;
    const float4* pred4 = reinterpret_cast<const float4*>(pred);
    const float4* target4 = reinterpret_cast<const float4*>(target);
    double v = 0.0;
    for (long long i = first; i < n / 4; i += stride) {
        float4 p = pred4[i];
        float4 t = target4[i];
        v += (squared(p.x, t.x) + squared(p.y, t.y)) + (squared(p.z, t.z) + squared(p.w, t.w));
    }
    long long last = n / 4 * 4 + first;  // the first threads of all take the elements behind the last group
    if (last < n) {
        v += squared(pred[last], target[last]);
    }
    double sum = sum_over_block(v);
    if (threadIdx.x == 0) {
        partial[blockIdx.x] = sum;
    }
}

extern "C" __global__ void __launch_bounds__(SUM_THREADS) mse_finish(
        const double* __restrict__ partial,
        float* __restrict__ loss,
        int parts,
        long long n) {
    double sum = sum_of_parts(partial, parts);
    if (threadIdx.x == 0) {
        loss[0] = (float)(sum / (double)n);
    }
}

extern "C" __global__ void __launch_bounds__(SUM_THREADS) sum_partial(
        const float* __restrict__ x,
        double* __restrict__ partial,
        long long n) {
    long long stride = (long long)gridDim.x * SUM_THREADS;
    long long first = (long long)blockIdx.x * SUM_THREADS + threadIdx.x;
    const float4* x4 = reinterpret_cast<const float4*>(x);
    double v = 0.0;
    for (long long i = first; i < n / 4; i += stride) {
        float4 a = x4[i];
        v += ((double)a.x + (double)a.y) + ((double)a.z + (double)a.w);
    }
    long long last = n / 4 * 4 + first;
    if (last < n) {
        v += (double)x[last];
    }
    double sum = sum_over_block(v);
    if (threadIdx.x == 0) {
        partial[blockIdx.x] = sum;
    }
}

extern "C" __global__ void __launch_bounds__(SUM_THREADS) sum_finish(
        const double* __restrict__ partial,
        float* __restrict__ y,
        int parts,
        float factor) {
    double sum = sum_of_parts(partial, parts);
    if (threadIdx.x == 0) {
        y[0] = (float)((double)factor * sum);
    }
}

extern "C" __global__ void __launch_bounds__(256) mse_backward(
        const float* __restrict__ pred,
        const float* __restrict__ target,
        const float* __restrict__ dloss,
        float* __restrict__ dpred,
        long long n) {
    __shared__ float shared_factor;
    if (threadIdx.x == 0) {  // a division in double, once per block
        shared_factor = (float)(2.0 * (double)dloss[0] / (double)n);
    }
    __syncthreads();
    float factor = shared_factor;
    long long stride = (long long)gridDim.x * blockDim.x;
    long long first = (long long)blockIdx.x * blockDim.x + threadIdx.x;
    const float4* pred4 = reinterpret_cast<const float4*>(pred);
    const float4* target4 = reinterpret_cast<const float4*>(target);
    float4* dpred4 = reinterpret_cast<float4*>(dpred);
    for (long long i = first; i < n / 4; i += stride) {
        float4 p = pred4[i];
        float4 t = target4[i];
        dpred4[i] = make_float4(factor * (p.x - t.x), factor * (p.y - t.y), factor * (p.z - t.z), factor * (p.w - t.w));
    }
    long long last = n / 4 * 4 + first;
    if (last < n) {
        dpred[last] = factor * (pred[last] - target[last]);
    }
}

// loss.cu: mean squared error with its gradient, and sums: reductions to one number.
//   per_image[i] = mean((pred[i] - target[i])^2)     loss = mean(weight[i] * per_image[i])
//   kept[slot,first+i] = (row[i], loss[i])           what each image of a step cost, for a host that reads it later
//   dpred[i] = dloss * 2 weight[i] (pred[i] - target[i]) / (images * length)     y = factor * sum(x)
// Shapes   batch, update: words of BatchNumbers and UpdateNumbers; kept [slots,whole,2]; row, loss [images].
//          pred, target, dpred [images,length], x [n], any extents; weight, per_image [images] or null; loss, dloss, y [1];
//          partial [blocks of stage one].
// Threads  two stages (sum.cuh): blocks of 256 that stride over groups of four elements, min(ceil(n/4096), 1024) of them on
//          every GPU, for each image; then one block over their sums. mse_backward: a group of four per thread, blocks stride.
// Bytes    mse: 8 read per element. mse_backward: 8 read, 4 written. sum: 4 read.
// Numbers  differences, squares and sums in double, one rounding at the end. Fixed order, no atomics.
#include "sum.cuh"

__device__ __forceinline__ double squared(float a, float b) {
    double d = (double)a - (double)b;
    return d * d;
}

// Group i of four elements of an image. Images of whole groups are aligned, others are read one element at a time.
__device__ __forceinline__ float4 group_of(const float* image, long long i, bool aligned) {
    const float* at = image + 4 * i;
    return aligned ? *reinterpret_cast<const float4*>(at) : make_float4(at[0], at[1], at[2], at[3]);
}

__device__ __forceinline__ bool aligned16(const float* p) {
    return (size_t)p % 16 == 0;
}

extern "C" __global__ void __launch_bounds__(SUM_THREADS) mse_partial(
        const float* __restrict__ pred,
        const float* __restrict__ target,
        double* __restrict__ partial,
        long long length,  // elements of an image
        int parts) {       // blocks of an image
    long long stride = (long long)parts * SUM_THREADS;
    long long first = (long long)(blockIdx.x % (unsigned)parts) * SUM_THREADS + threadIdx.x;
    const float* p_image = pred + blockIdx.x / (unsigned)parts * length;
    const float* t_image = target + blockIdx.x / (unsigned)parts * length;
    bool aligned = aligned16(p_image) && aligned16(t_image);
    double v = 0.0;
    for (long long i = first; i < length / 4; i += stride) {
        float4 p = group_of(p_image, i, aligned);
        float4 t = group_of(t_image, i, aligned);
        v += (squared(p.x, t.x) + squared(p.y, t.y)) + (squared(p.z, t.z) + squared(p.w, t.w));
    }
    long long last = length / 4 * 4 + first;  // the image's first threads take the elements behind the last group
    if (last < length) {
        v += squared(p_image[last], t_image[last]);
    }
    double sum = sum_over_block(v);
    if (threadIdx.x == 0) {
        partial[blockIdx.x] = sum;
    }
}

extern "C" __global__ void __launch_bounds__(SUM_THREADS) mse_finish(
        const double* __restrict__ partial,
        const float* __restrict__ weight,
        float* __restrict__ per_image,
        float* __restrict__ loss,
        int images,
        long long length,
        int parts) {
    double v = 0.0;
    for (int i = (int)threadIdx.x; i < images * parts; i += SUM_THREADS) {
        v += weight ? (double)weight[i / parts] * partial[i] : partial[i];
    }
    double sum = sum_over_block(v);
    if (threadIdx.x == 0) {
        loss[0] = (float)(sum / ((double)images * (double)length));
    }
    for (int i = (int)threadIdx.x; per_image && i < images; i += SUM_THREADS) {
        double own = 0.0;
        for (int k = 0; k < parts; k++) {
            own += partial[i * parts + k];
        }
        per_image[i] = (float)(own / (double)length);
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
        const float* __restrict__ weight,
        const float* __restrict__ dloss,
        float* __restrict__ dpred,
        int images,
        long long length,
        int parts) {
    __shared__ float shared_factor;
    unsigned image = blockIdx.x / (unsigned)parts;
    if (threadIdx.x == 0) {  // a division in double, once per block
        double twice = 2.0 * (double)dloss[0] * (weight ? (double)weight[image] : 1.0);
        shared_factor = (float)(twice / ((double)images * (double)length));
    }
    __syncthreads();
    float factor = shared_factor;
    long long stride = (long long)parts * blockDim.x;
    long long first = (long long)(blockIdx.x % (unsigned)parts) * blockDim.x + threadIdx.x;
    const float* p_image = pred + image * length;
    const float* t_image = target + image * length;
    float* d_image = dpred + image * length;
    bool aligned = aligned16(p_image) && aligned16(t_image) && aligned16(d_image);
    for (long long i = first; i < length / 4; i += stride) {
        float4 p = group_of(p_image, i, aligned);
        float4 t = group_of(t_image, i, aligned);
        float4 d = make_float4(factor * (p.x - t.x), factor * (p.y - t.y), factor * (p.z - t.z), factor * (p.w - t.w));
        if (aligned) {
            *reinterpret_cast<float4*>(d_image + 4 * i) = d;
        } else {
            d_image[4 * i] = d.x;
            d_image[4 * i + 1] = d.y;
            d_image[4 * i + 2] = d.z;
            d_image[4 * i + 3] = d.w;
        }
    }
    long long last = length / 4 * 4 + first;
    if (last < length) {
        d_image[last] = factor * (p_image[last] - t_image[last]);
    }
}

extern "C" __global__ void __launch_bounds__(256) loss_keep(
        const int* __restrict__ batch,
        const int* __restrict__ update,
        const int* __restrict__ row,
        const float* __restrict__ loss,
        float* __restrict__ kept,
        int images,
        int whole) {  // images of a whole batch
    int i = (int)(blockIdx.x * blockDim.x + threadIdx.x);
    if (i < images) {
        size_t at = 2 * ((size_t)update[0] * (unsigned)whole + (unsigned)batch[3] + (unsigned)i);
        kept[at] = (float)row[i];
        kept[at + 1] = loss[i];
    }
}

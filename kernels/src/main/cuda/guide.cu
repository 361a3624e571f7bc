// guide.cu: classifier-free guidance: one batch of images becomes two, two outputs of a network become one.
//   guide_twice    y = x followed by x
//   guide          g = f[N+n] + scale (f[n] - f[N+n]); y = g, or factor[n] g; channels from `guided` on: y = f[n]
//   guide_factor   factor[n] = rescale std(f[n]) / std(g) + (1 - rescale), std over the guided channels of image n; the quotient
//                  is 1 where g is the same everywhere
//   Ho & Salimans 2022, equation 6; Lin et al. 2024, section 3.4
// Shapes   x any; f [2N,H,W,C], y [N,H,W,C], factor [N], float32; 1 <= guided <= C.
// Threads  guide_twice, guide: one for each element, in strides of the grid. guide_factor: one block of 256 for each image;
//          thread t takes guided values t, t + 256, ...
// Bytes    guide_twice: 4 read, 8 written. guide: 8 read, 4 written. guide_factor: 8 read twice, the second time from L2.
// Numbers  one rounding per operation; sums in double over lanes, then halves of them: the bits of CpuLabel. Means first, then
//          squares of distances from them: E[x^2]-mean^2 loses bits.
#include "philox.cuh"

#define GUIDE_THREADS 256

__device__ __forceinline__ float guided_value(float cond, float uncond, float scale) {
    return __fadd_rn(uncond, __fmul_rn(scale, __fsub_rn(cond, uncond)));
}

// The sum over the block's threads, in each of them.
__device__ __forceinline__ double lanes_sum(double v, double* lanes) {
    __syncthreads();  // the lanes of the sum before are read
    lanes[threadIdx.x] = v;
    __syncthreads();
    for (int left = GUIDE_THREADS / 2; left > 0; left /= 2) {
        if ((int)threadIdx.x < left) {
            lanes[threadIdx.x] = __dadd_rn(lanes[threadIdx.x], lanes[threadIdx.x + left]);
        }
        __syncthreads();
    }
    return lanes[0];
}

extern "C" __global__ void __launch_bounds__(256) guide_twice(
        const float* __restrict__ x,
        float* __restrict__ y,
        long long count) {
    for (long long i = (long long)blockIdx.x * blockDim.x + threadIdx.x; i < count;
            i += (long long)gridDim.x * blockDim.x) {
        float v = x[i];
        y[i] = v;
        y[count + i] = v;
    }
}

extern "C" __global__ void __launch_bounds__(256) guide(
        const float* __restrict__ f,
        const float* __restrict__ factor,  // null: 1
        float* __restrict__ y,
        long long count,
        int length,  // values of an image
        int channels,
        int guided,
        float scale) {
    for (long long i = (long long)blockIdx.x * blockDim.x + threadIdx.x; i < count;
            i += (long long)gridDim.x * blockDim.x) {
        float value = f[i];
        if ((int)(i % channels) < guided) {
            value = guided_value(value, f[count + i], scale);
            if (factor != nullptr) {
                value = __fmul_rn(factor[i / length], value);
            }
        }
        y[i] = value;
    }
}

extern "C" __global__ void __launch_bounds__(GUIDE_THREADS) guide_factor(
        const float* __restrict__ f,
        float* __restrict__ factor,
        int pixels,
        int channels,
        int guided,
        float scale,
        float rescale) {
    __shared__ double lanes[GUIDE_THREADS];
    size_t length = (size_t)pixels * (unsigned)channels;
    const float* cond = f + blockIdx.x * length;
    const float* uncond = cond + gridDim.x * length;
    int count = pixels * guided;
    double sum_cond = 0.0;
    double sum = 0.0;
    for (int e = (int)threadIdx.x; e < count; e += GUIDE_THREADS) {
        size_t at = (size_t)(e / guided) * (unsigned)channels + (unsigned)(e % guided);
        sum_cond = __dadd_rn(sum_cond, (double)cond[at]);
        sum = __dadd_rn(sum, (double)guided_value(cond[at], uncond[at], scale));
    }
    double mean_cond = __ddiv_rn(lanes_sum(sum_cond, lanes), (double)count);
    double mean = __ddiv_rn(lanes_sum(sum, lanes), (double)count);
    sum_cond = 0.0;
    sum = 0.0;
    for (int e = (int)threadIdx.x; e < count; e += GUIDE_THREADS) {
        size_t at = (size_t)(e / guided) * (unsigned)channels + (unsigned)(e % guided);
        double d_cond = __dsub_rn((double)cond[at], mean_cond);
        double d = __dsub_rn((double)guided_value(cond[at], uncond[at], scale), mean);
        sum_cond = __dadd_rn(sum_cond, __dmul_rn(d_cond, d_cond));
        sum = __dadd_rn(sum, __dmul_rn(d, d));
    }
    double before = lanes_sum(sum_cond, lanes);
    double after = lanes_sum(sum, lanes);
    if (threadIdx.x == 0) {
        double ratio = after == 0.0 ? 1.0 : __dsqrt_rn(__ddiv_rn(before, after));
        double rest = __dsub_rn(1.0, (double)rescale);
        factor[blockIdx.x] = __double2float_rn(__dadd_rn(__dmul_rn((double)rescale, ratio), rest));
    }
}

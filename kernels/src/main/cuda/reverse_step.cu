// reverse_step.cu: one step x_t -> x_{t-1} of a sampler, DDPM (Ho et al. 2020, algorithm 2) and DDIM alike.
//   x0  = x0_from_x * x_t - x0_from_eps * eps,  clamped to [-1,1] if clip
//   out = from_x0 * x0 + from_x * x_t + from_eps * eps + sigma * z,   z ~ N(0,1) keyed (seed, image, t)
// Shapes   x_t, eps, out, x0 [N,H,W,C], any extents; out may be x_t.
// Threads  a thread makes the four values of one Philox block; a row of L = H*W*C values is cut into `parts` blocks of B
//          threads, parts = ceil(ceil(L/4) / B), grid N * parts. Where sigma is 0 nobody draws.
// Bytes    8 read, 8 written per value.
// Numbers  one rounding per operation, as CpuRandom: the same bits. A NaN stays one through the clamp.
#include "philox.cuh"

// The coefficients, read from ReverseNumbers.
struct Reverse {
    float x0_from_x;
    float x0_from_eps;
    float from_x0;
    float from_x;
    float from_eps;
    float sigma;
    int clip;
};

__device__ __forceinline__ float guess(const Reverse& g, float x, float eps) {
    float x0 = __fsub_rn(__fmul_rn(g.x0_from_x, x), __fmul_rn(g.x0_from_eps, eps));
    if (g.clip) {
        x0 = x0 < -1.0f ? -1.0f : x0 > 1.0f ? 1.0f : x0;
    }
    return x0;
}

__device__ __forceinline__ float previous(const Reverse& g, float x0, float x, float eps, float z) {
    float sum = __fadd_rn(__fmul_rn(g.from_x0, x0), __fmul_rn(g.from_x, x));
    sum = __fadd_rn(sum, __fmul_rn(g.from_eps, eps));
    return __fadd_rn(sum, __fmul_rn(g.sigma, z));
}

extern "C" __global__ void __launch_bounds__(256) reverse_step(
        const int* __restrict__ numbers,  // ReverseNumbers: t, first image, six coefficients
        const float* xt,
        const float* __restrict__ eps,
        float* out,
        float* __restrict__ x0,
        unsigned long long seed,
        int length,  // values of a row
        int clip,
        int parts) {
    unsigned row = blockIdx.x / (unsigned)parts;
    int block = (int)(blockIdx.x % (unsigned)parts * blockDim.x + threadIdx.x);
    int at = 4 * block;
    if (at >= length) {
        return;
    }
    Reverse g;
    g.x0_from_x = __int_as_float(numbers[2]);
    g.x0_from_eps = __int_as_float(numbers[3]);
    g.from_x0 = __int_as_float(numbers[4]);
    g.from_x = __int_as_float(numbers[5]);
    g.from_eps = __int_as_float(numbers[6]);
    g.sigma = __int_as_float(numbers[7]);
    g.clip = clip;

    size_t start = (size_t)row * (unsigned)length;
    float4 x = load_four(xt + start, at, length);
    float4 e = load_four(eps + start, at, length);
    float4 z = make_float4(0.0f, 0.0f, 0.0f, 0.0f);
    if (g.sigma != 0.0f) {
        z = normal_four(seed, STREAM_REVERSE, (unsigned)numbers[1] + row, (unsigned)numbers[0], (unsigned)block);
    }
    float4 estimate = make_float4(guess(g, x.x, e.x), guess(g, x.y, e.y), guess(g, x.z, e.z), guess(g, x.w, e.w));
    float4 before = make_float4(
            previous(g, estimate.x, x.x, e.x, z.x),
            previous(g, estimate.y, x.y, e.y, z.y),
            previous(g, estimate.z, x.z, e.z, z.z),
            previous(g, estimate.w, x.w, e.w, z.w));
    store_four(x0 + start, at, length, estimate);
    store_four(out + start, at, length, before);
}

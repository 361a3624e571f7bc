// noise_add.cu: forward noising of a training batch, and fills with standard normals. Ho et al. 2020, equation 4.
//   x_t = a[t] * x_0 + s[t] * eps     a = sqrt(alphas_cumprod), s = sqrt(1 - alphas_cumprod), eps ~ N(0,1)
//   x_0 of row i is image permutation(seed, epoch)[position + i], flipped where its bit says so, bytes 0..255 -> -1..1
// Shapes   images [images,H,W,C] bytes, on the GPU or in pinned host memory; x_t, eps [N,H,W,C]; t [N]; any extents.
// Threads  a thread makes the four values of one Philox block; a row of L = H*W*C values is cut into `parts` blocks of B
//          threads, parts = ceil(ceil(L/4) / B), grid N * parts. Thread 0 draws for its block: image, flip, t.
// Bytes    noise_add: 1 read, 8 written per value. q_sample: 8 read, 4 written. normal_fill: 4 written.
// Numbers  one rounding per operation, as CpuRandom: the same bits. A row past the end of the epoch becomes NaN, which
//          stops the run at its loss; a kernel cannot throw.
#include "philox.cuh"

// What thread 0 finds out for the row that its block works on.
struct RowDraw {
    float a;
    float s;
    unsigned image;
    int flip;
    int valid;
};

// Uniform over 0 .. timesteps-1, or over row's stratum of `rows` equal ones, from 32 random bits.
__device__ __forceinline__ int draw_timestep(unsigned bits, unsigned row, int rows, int timesteps, int stratified) {
    if (stratified) {
        // (row + bits / 2^32) / rows * timesteps without leaving 64 bits
        unsigned long long place = ((unsigned long long)row << 32 | bits) / (unsigned)rows;
        return (int)(place * (unsigned)timesteps >> 32);
    }
    return (int)((unsigned long long)bits * (unsigned)timesteps >> 32);
}

// Place in the image of value k of the row that shows it left-right mirrored.
__device__ __forceinline__ int mirrored(int k, int width, int channels) {
    int column = k / channels % width;
    return k + (width - 1 - 2 * column) * channels;
}

__device__ __forceinline__ float scaled(unsigned char byte) {
    return __fsub_rn(__fdiv_rn((float)byte, 127.5f), 1.0f);
}

__device__ __forceinline__ float blend(float a, float x, float s, float eps) {
    return __fadd_rn(__fmul_rn(a, x), __fmul_rn(s, eps));
}

__device__ __forceinline__ float4 blend(float a, float4 x, float s, float4 eps) {
    return make_float4(blend(a, x.x, s, eps.x), blend(a, x.y, s, eps.y), blend(a, x.z, s, eps.z), blend(a, x.w, s, eps.w));
}

// Values at .. at+3 of x_0 of a row; zeros behind its end.
__device__ __forceinline__ float4 read_pixels(const unsigned char* image, int at, int length, int flip, int width, int channels) {
    if (!flip && length % 4 == 0) {
        uchar4 b = *reinterpret_cast<const uchar4*>(image + at);
        return make_float4(scaled(b.x), scaled(b.y), scaled(b.z), scaled(b.w));
    }
    float x[4];
#pragma unroll
    for (int j = 0; j < 4; j++) {
        int k = at + j;
        x[j] = k < length ? scaled(image[flip ? mirrored(k, width, channels) : k]) : 0.0f;
    }
    return make_float4(x[0], x[1], x[2], x[3]);
}

extern "C" __global__ void __launch_bounds__(256) noise_add(
        const int* __restrict__ numbers,  // StepNumbers: epoch, position of row 0, step
        const unsigned char* __restrict__ images,
        const float* __restrict__ sqrt_alphas_cumprod,
        const float* __restrict__ sqrt_one_minus_alphas_cumprod,
        float* __restrict__ xt,
        float* __restrict__ eps,
        int* __restrict__ t,
        unsigned long long seed,
        int image_count,
        int rows,
        int length,  // values of a row
        int width,
        int channels,
        int timesteps,
        int flip,
        int stratified,
        int parts) {
    __shared__ RowDraw shared_draw;
    unsigned row = blockIdx.x / (unsigned)parts;
    unsigned part = blockIdx.x % (unsigned)parts;
    unsigned step = (unsigned)numbers[2];
    if (threadIdx.x == 0) {
        unsigned epoch = (unsigned)numbers[0];
        unsigned position = (unsigned)numbers[1] + row;
        int drawn = draw_timestep(philox(seed, STREAM_TIMESTEP, row, step, 0).x, row, rows, timesteps, stratified);
        shared_draw.a = sqrt_alphas_cumprod[drawn];
        shared_draw.s = sqrt_one_minus_alphas_cumprod[drawn];
        shared_draw.flip = flip && (philox(seed, STREAM_FLIP, row, step, 0).x & 1) != 0;
        shared_draw.valid = position < (unsigned)image_count;
        shared_draw.image = shared_draw.valid ? permuted(position, (unsigned)image_count, seed, epoch) : 0;
        if (part == 0) {
            t[row] = drawn;
        }
    }
    __syncthreads();
    RowDraw draw = shared_draw;
    int block = (int)(part * blockDim.x + threadIdx.x);
    int at = 4 * block;
    if (at >= length) {
        return;
    }
    size_t start = (size_t)row * (unsigned)length;
    const unsigned char* image = images + (size_t)draw.image * (unsigned)length;
    float4 x0 = read_pixels(image, at, length, draw.flip, width, channels);
    if (!draw.valid) {
        float nan = __int_as_float(0x7FC00000);
        x0 = make_float4(nan, nan, nan, nan);
    }
    float4 noise = normal_four(seed, STREAM_TRAINING_NOISE, row, step, (unsigned)block);
    store_four(eps + start, at, length, noise);
    store_four(xt + start, at, length, blend(draw.a, x0, draw.s, noise));
}

extern "C" __global__ void __launch_bounds__(256) q_sample(
        const float* __restrict__ x0,
        const int* __restrict__ t,
        const float* __restrict__ eps,
        const float* __restrict__ sqrt_alphas_cumprod,
        const float* __restrict__ sqrt_one_minus_alphas_cumprod,
        float* __restrict__ xt,
        int length,  // values of a row
        int parts) {
    unsigned row = blockIdx.x / (unsigned)parts;
    int at = 4 * (int)(blockIdx.x % (unsigned)parts * blockDim.x + threadIdx.x);
    if (at >= length) {
        return;
    }
    size_t start = (size_t)row * (unsigned)length;
    float a = sqrt_alphas_cumprod[t[row]];
    float s = sqrt_one_minus_alphas_cumprod[t[row]];
    float4 x = load_four(x0 + start, at, length);
    float4 noise = load_four(eps + start, at, length);
    store_four(xt + start, at, length, blend(a, x, s, noise));
}

// y[i,:] = the normals of row first_row + i of a stream.
extern "C" __global__ void __launch_bounds__(256) normal_fill(
        float* __restrict__ y,
        unsigned long long seed,
        int stream,
        int first_row,
        int step,
        int length,  // values of a row
        int parts) {
    unsigned row = blockIdx.x / (unsigned)parts;
    int block = (int)(blockIdx.x % (unsigned)parts * blockDim.x + threadIdx.x);
    int at = 4 * block;
    if (at >= length) {
        return;
    }
    float4 noise = normal_four(seed, (unsigned)stream, (unsigned)first_row + row, (unsigned)step, (unsigned)block);
    store_four(y + (size_t)row * (unsigned)length, at, length, noise);
}

// noise_add.cu: forward noising of a training batch, and fills with standard normals. Ho et al. 2020, equation 4.
//   x_t = signal * x_0 + noise * eps     target = target_x0 * x_0 + target_eps * eps     eps ~ N(0,1)
//   The factors, and the row's time and weight, are those of a row of the table that is drawn for each image; a row that was drawn
//   gives way to its alias with a probability of its own, so that rows can have any shares (Walker 1977).
//   x_0 of row i is image permutation(seed, epoch)[position + i], flipped where its bit says so, bytes 0..255 -> -1..1
// Shapes   images [images,H,W,C] bytes, on the GPU or in pinned host memory; table [table_rows,8]; x_t, target [N,H,W,C]; time,
//          weight, row [N]; any extents. Row i draws as row first_row + i of a batch of `whole` rows, of which it is a part.
// Threads  a thread makes the four values of one Philox block; a row of L = H*W*C values is cut into `parts` blocks of B
//          threads, parts = ceil(ceil(L/4) / B), grid N * parts. Thread 0 draws for its block: image, flip, row of the table.
// Bytes    noise_add: 1 read, 8 written per value. q_sample: 8 read, 4 written. normal_fill: 4 written.
// Numbers  one rounding per operation, as CpuDiffusion and CpuRandom: the same bits. A row past the end of the epoch becomes
//          NaN, which stops the run at its loss; a kernel cannot throw.
#include "philox.cuh"

// Columns of the table, as ddpm.engine.backend.NoiseAdd.
enum NoiseColumn { TIME, SIGNAL, NOISE, TARGET_X0, TARGET_EPS, WEIGHT, ELSEWHERE, ALIAS, COLUMNS = 8 };

// What thread 0 finds out for the row that its block works on.
struct RowDraw {
    float signal;
    float noise;
    float target_x0;
    float target_eps;
    unsigned image;
    int flip;
    int valid;
};

// Uniform over 0 .. table_rows-1, or over row's stratum of `whole` equal ones, from 32 random bits.
__device__ __forceinline__ int draw_row(unsigned bits, unsigned row, int whole, int table_rows, int stratified) {
    if (stratified) {
        // (row + bits / 2^32) / whole * table_rows without leaving 64 bits
        unsigned long long place = ((unsigned long long)row << 32 | bits) / (unsigned)whole;
        return (int)(place * (unsigned)table_rows >> 32);
    }
    return (int)((unsigned long long)bits * (unsigned)table_rows >> 32);
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
        const int* __restrict__ numbers,  // BatchNumbers: epoch, position of row 0, step, first row
        const unsigned char* __restrict__ images,
        const float* __restrict__ table,
        float* __restrict__ xt,
        float* __restrict__ target,
        float* __restrict__ time,
        float* __restrict__ weight,
        int* __restrict__ table_row,
        unsigned long long seed,
        int noise_stream,
        int row_stream,
        int flip_stream,
        int image_count,
        int whole,   // rows of the whole batch
        int length,  // values of a row
        int width,
        int channels,
        int table_rows,
        int flip,
        int stratified,
        int parts) {
    __shared__ RowDraw shared_draw;
    unsigned row = blockIdx.x / (unsigned)parts;
    unsigned part = blockIdx.x % (unsigned)parts;
    unsigned step = (unsigned)numbers[2];
    unsigned whole_row = (unsigned)numbers[3] + row;
    if (threadIdx.x == 0) {
        unsigned epoch = (unsigned)numbers[0];
        unsigned position = (unsigned)numbers[1] + row;
        uint4 bits = philox(seed, (unsigned)row_stream, whole_row, step, 0);
        int drawn = draw_row(bits.x, whole_row, whole, table_rows, stratified);
        const float* entry = table + (size_t)drawn * COLUMNS;
        if ((float)(bits.y >> 8) < __fmul_rn(entry[ELSEWHERE], 16777216.0f)) {
            drawn = (int)entry[ALIAS];
            entry = table + (size_t)drawn * COLUMNS;
        }
        shared_draw.signal = entry[SIGNAL];
        shared_draw.noise = entry[NOISE];
        shared_draw.target_x0 = entry[TARGET_X0];
        shared_draw.target_eps = entry[TARGET_EPS];
        shared_draw.flip = flip && (philox(seed, (unsigned)flip_stream, whole_row, step, 0).x & 1) != 0;
        shared_draw.valid = position < (unsigned)image_count;
        shared_draw.image = shared_draw.valid ? permuted(position, (unsigned)image_count, seed, epoch) : 0;
        if (part == 0) {
            time[row] = entry[TIME];
            weight[row] = entry[WEIGHT];
            table_row[row] = drawn;
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
    float4 eps = normal_four(seed, (unsigned)noise_stream, whole_row, step, (unsigned)block);
    store_four(target + start, at, length, blend(draw.target_x0, x0, draw.target_eps, eps));
    store_four(xt + start, at, length, blend(draw.signal, x0, draw.noise, eps));
}

extern "C" __global__ void __launch_bounds__(256) q_sample(
        const float* __restrict__ x0,
        const int* __restrict__ table_row,
        const float* __restrict__ eps,
        const float* __restrict__ table,
        float* __restrict__ xt,
        int length,  // values of a row
        int parts) {
    unsigned row = blockIdx.x / (unsigned)parts;
    int at = 4 * (int)(blockIdx.x % (unsigned)parts * blockDim.x + threadIdx.x);
    if (at >= length) {
        return;
    }
    size_t start = (size_t)row * (unsigned)length;
    const float* entry = table + (size_t)table_row[row] * COLUMNS;
    float4 x = load_four(x0 + start, at, length);
    float4 noise = load_four(eps + start, at, length);
    store_four(xt + start, at, length, blend(entry[SIGNAL], x, entry[NOISE], noise));
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

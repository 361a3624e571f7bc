// reverse_threshold.cu: the limit of each image's values in dynamic thresholding. Saharia et al. 2022, section 2.3.
//   limit[n] = max(1, min(range, q))     q the quantile of |a x + b F| over image n: at place quantile * (L - 1) of the sorted
//   values, linearly between the two beside it
// Shapes   x [N,H,W,C], any extents; F the same or, learned, [N,H,W,2C]; limit [N]. L = H*W*C.
// Threads  one block of 256 per image. Both values are selected by radix: their bits, which order them as numbers, are found 8
//          at a time by counting what has the bits found so far. Warp k chooses for value k.
// Bytes    8 read per value, four times; L2 holds an image.
// Numbers  counts are integers, so it does not matter in which order atomics add them; one rounding per operation, as
//          CpuDiffusion: the same bits. NaN sorts last and makes the limit NaN where it is reached.
#include "reverse.cuh"

#define THRESHOLD_THREADS 256
#define DIGITS 256

// The digit that holds place `rank` of the values counted, by one warp; rank becomes the place among those of the digit.
__device__ __forceinline__ void choose(const int* counts, unsigned& found, int& rank, int shift) {
    const int each = DIGITS / 32;
    int lane = (int)threadIdx.x % 32;
    int sum = 0;
    for (int d = 0; d < each; d++) {
        sum += counts[each * lane + d];
    }
    int end = sum;  // values of the digits up to the lane's last
#pragma unroll
    for (int offset = 1; offset < 32; offset *= 2) {
        int before = __shfl_up_sync(0xffffffffu, end, offset);
        end += lane >= offset ? before : 0;
    }
    int place = rank - (end - sum);
    __syncwarp();  // all have read the rank
    if (place >= 0 && place < sum) {
        int digit = each * lane;
        while (place >= counts[digit]) {
            place -= counts[digit];
            digit++;
        }
        found |= (unsigned)digit << shift;
        rank = place;
    }
}

extern "C" __global__ void __launch_bounds__(THRESHOLD_THREADS) reverse_threshold(
        const int* __restrict__ numbers,  // of ReverseStep.Numbers
        const float* __restrict__ x,
        const float* __restrict__ f,
        float* __restrict__ limit,
        int length,  // values of an image
        int channels,
        int learned) {
    __shared__ int counts[2][DIGITS];
    __shared__ unsigned found[2];
    __shared__ int rank[2];
    size_t start = (size_t)blockIdx.x * (unsigned)length;
    const float* x_row = x + start;
    const float* f_row = f + (learned ? 2 * start : start);
    float a = number(numbers, Word::A);
    float b = number(numbers, Word::B);
    double place = __dmul_rn((double)number(numbers, Word::QUANTILE), (double)(length - 1));
    int low = (int)place;
    float beyond = (float)__dsub_rn(place, (double)low);
    if (threadIdx.x < 2) {
        found[threadIdx.x] = 0;
        rank[threadIdx.x] = threadIdx.x == 1 && beyond > 0.0f ? low + 1 : low;
    }
    for (int shift = 24; shift >= 0; shift -= 8) {
        counts[0][threadIdx.x] = 0;
        counts[1][threadIdx.x] = 0;
        __syncthreads();
        for (int k = (int)threadIdx.x; k < length; k += THRESHOLD_THREADS) {
            float value = estimate(a, b, x_row[k], f_row[learned ? of_two_halves(k, channels) : k]);
            unsigned bits = __float_as_uint(value) & 0x7fffffffu;
#pragma unroll
            for (int v = 0; v < 2; v++) {
                if ((bits ^ found[v]) >> shift >> 8 == 0) {
                    atomicAdd(&counts[v][bits >> shift & (DIGITS - 1)], 1);
                }
            }
        }
        __syncthreads();
        if (threadIdx.x < 64) {
            int v = (int)threadIdx.x / 32;
            choose(counts[v], found[v], rank[v], shift);
        }
        __syncthreads();
    }
    if (threadIdx.x == 0) {
        float below = __uint_as_float(found[0]);
        float above = __uint_as_float(found[1]);
        float q = __fadd_rn(below, __fmul_rn(__fsub_rn(above, below), beyond));
        float range = number(numbers, Word::RANGE);
        q = q > range ? range : q;
        limit[blockIdx.x] = q < 1.0f ? 1.0f : q;
    }
}

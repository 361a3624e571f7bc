// reverse_step.cu: one step of a chain from noise to images, whatever the solver: weighted sums whose weights the host makes.
//   x0    = a x + b F,  clamped to [-range, range] if clip; THRESHOLD: to [-limit[n], limit[n]], then divided by limit[n]
//   next  = w0 x0 + wx x + wF F + sum_j w[j] slots[j] + sd z          z ~ N(0,1) keyed (seed, image, key)
//   kept  = k0 x0 + kx x + kF F                                       to slots[keep], if keep >= 0
//   saved = v0 x0 + vx x + vF F + sum_j v[j] slots[j]                 to slots[save], if save >= 0
//   LEARNED: F and v share the channels, sd is a factor on exp(0.5 (f log_large + (1-f) log_small)), f = (v+1)/2
//            Nichol & Dhariwal 2021, equation 15
//   not NETWORK: no terms of x0 and F, and no x0
// Shapes   x, next, x0 [N,H,W,C], any extents; F the same or, LEARNED, [N,H,W,2C]; slots [slots,N,H,W,C]; limit [N]. next may
//          be x. A slot whose weight is 0 is not read: nobody may have written it.
// Threads  a thread makes the four values of one Philox block; a row of L = H*W*C values is cut into `parts` blocks of B
//          threads, parts = ceil(ceil(L/4) / B), grid N * parts. Where sd is 0 nobody draws. reverse_scale: map.cuh.
// Bytes    8 read, 8 written per value; 4 more for each slot with a weight and each result for a slot, 4 if LEARNED.
// Numbers  one rounding per operation, sums from left to right, as CpuDiffusion: the same bits. A NaN stays one.
#include "map.cuh"
#include "reverse.cuh"

// Four neighbours of a row.
struct Four {
    float at[4];
};

__device__ __forceinline__ Four load(const float* row, int at, int length) {
    float4 v = load_four(row, at, length);
    return {{v.x, v.y, v.z, v.w}};
}

// From the first or the second half of the channels of each pixel.
__device__ __forceinline__ Four load_half(const float* row, int at, int length, int channels, int half) {
    Four v;
#pragma unroll
    for (int i = 0; i < 4; i++) {
        int k = at + i;
        v.at[i] = k < length ? row[of_two_halves(k, channels) + half * channels] : 0.0f;
    }
    return v;
}

__device__ __forceinline__ void store(float* row, int at, int length, const Four& v) {
    store_four(row, at, length, make_float4(v.at[0], v.at[1], v.at[2], v.at[3]));
}

// What a step reads of one row, four values at a time.
struct Point {
    Four x;
    Four f;
    Four x0;
};

// c0 x0 + cx x + cF F with the three words from `first`.
template <bool NETWORK>
__device__ __forceinline__ Four combine(const int* numbers, int first, const Point& p) {
    float c0 = number(numbers, first);
    float cx = number(numbers, first + 1);
    float cf = number(numbers, first + 2);
    Four sum;
#pragma unroll
    for (int i = 0; i < 4; i++) {
        sum.at[i] = __fmul_rn(cx, p.x.at[i]);
        if (NETWORK) {
            sum.at[i] = __fadd_rn(__fadd_rn(__fmul_rn(c0, p.x0.at[i]), sum.at[i]), __fmul_rn(cf, p.f.at[i]));
        }
    }
    return sum;
}

// sum += c v
__device__ __forceinline__ void add(Four& sum, float c, const Four& v) {
#pragma unroll
    for (int i = 0; i < 4; i++) {
        sum.at[i] = __fadd_rn(sum.at[i], __fmul_rn(c, v.at[i]));
    }
}

// sum += sd z, with sd from the second half of the output if LEARNED.
template <bool LEARNED>
__device__ __forceinline__ void add_noise(
        Four& sum, const int* numbers, float sd, const Four& z, const float* f_row, int at, int length, int channels) {
    if (!LEARNED) {
        add(sum, sd, z);
        return;
    }
    float large = number(numbers, Word::LOG_LARGE);
    float small = number(numbers, Word::LOG_SMALL);
    Four v = load_half(f_row, at, length, channels, 1);
#pragma unroll
    for (int i = 0; i < 4; i++) {
        float share = __fmul_rn(__fadd_rn(v.at[i], 1.0f), 0.5f);
        float log = __fadd_rn(__fmul_rn(share, large), __fmul_rn(__fsub_rn(1.0f, share), small));
        float root = rounded_exp(__fmul_rn(0.5f, log));
        sum.at[i] = __fadd_rn(sum.at[i], __fmul_rn(__fmul_rn(sd, root), z.at[i]));
    }
}

__device__ __forceinline__ float clamped(float x0, float range) {
    return x0 < -range ? -range : x0 > range ? range : x0;
}

template <bool THRESHOLD>
__device__ __forceinline__ void estimate_four(Point& p, const int* numbers, const float* limit, unsigned row, int clip) {
    float a = number(numbers, Word::A);
    float b = number(numbers, Word::B);
    float range = THRESHOLD ? limit[row] : number(numbers, Word::RANGE);
#pragma unroll
    for (int i = 0; i < 4; i++) {
        float x0 = estimate(a, b, p.x.at[i], p.f.at[i]);
        if (THRESHOLD) {
            x0 = __fdiv_rn(clamped(x0, range), range);
        } else if (clip) {
            x0 = clamped(x0, range);
        }
        p.x0.at[i] = x0;
    }
}

template <bool NETWORK, bool LEARNED, bool THRESHOLD, bool SLOTS>
__device__ __forceinline__ void take_step(
        const int* __restrict__ numbers,  // of ReverseStep.Numbers
        const float* x,
        const float* __restrict__ f,
        float* __restrict__ slots,
        const float* __restrict__ limit,
        float* next,
        float* __restrict__ x0,
        unsigned long long seed,
        int stream,
        int rows,
        int length,  // values of a row
        int channels,
        int slot_count,
        int clip,
        int parts) {
    unsigned row = blockIdx.x / (unsigned)parts;
    int block = (int)(blockIdx.x % (unsigned)parts * blockDim.x + threadIdx.x);
    int at = 4 * block;
    if (at >= length) {
        return;
    }
    size_t start = (size_t)row * (unsigned)length;
    const float* f_row = f + (LEARNED ? 2 * start : start);
    Point p;
    p.x = load(x + start, at, length);
    if (NETWORK) {
        p.f = LEARNED ? load_half(f_row, at, length, channels, 0) : load(f_row, at, length);
        estimate_four<THRESHOLD>(p, numbers, limit, row, clip);
        store(x0 + start, at, length, p.x0);
    }

    Four sum = combine<NETWORK>(numbers, Word::W0, p);
    int keep = SLOTS ? numbers[Word::KEEP] : -1;
    int save = SLOTS ? numbers[Word::SAVE] : -1;
    Four saved = combine<NETWORK>(numbers, Word::V0, p);
    size_t slot_size = (size_t)rows * (unsigned)length;
    for (int j = 0; SLOTS && j < slot_count; j++) {
        float w = number(numbers, Word::W_SLOTS + j);
        float v = number(numbers, Word::V_SLOTS + j);
        if (w != 0.0f || v != 0.0f) {
            Four slot = load(slots + j * slot_size + start, at, length);
            if (w != 0.0f) {
                add(sum, w, slot);
            }
            if (v != 0.0f) {
                add(saved, v, slot);
            }
        }
    }

    Four z = {{0.0f, 0.0f, 0.0f, 0.0f}};
    float sd = number(numbers, Word::SD);
    if (sd != 0.0f) {
        unsigned image = (unsigned)numbers[Word::FIRST_IMAGE] + row;
        float4 four = normal_four(seed, (unsigned)stream, image, (unsigned)numbers[Word::KEY], (unsigned)block);
        z = {{four.x, four.y, four.z, four.w}};
        add_noise<LEARNED>(sum, numbers, sd, z, f_row, at, length, channels);
    } else {
        add(sum, sd, z);
    }
    store(next + start, at, length, sum);
    if (keep >= 0 && keep < slot_count) {
        store(slots + keep * slot_size + start, at, length, combine<NETWORK>(numbers, Word::K0, p));
    }
    if (save >= 0 && save < slot_count) {
        store(slots + save * slot_size + start, at, length, saved);
    }
}

extern "C" __global__ void __launch_bounds__(256) reverse_step(
        const int* __restrict__ numbers, const float* x, const float* __restrict__ f, float* __restrict__ slots,
        const float* __restrict__ limit, float* next, float* __restrict__ x0, unsigned long long seed, int stream, int rows,
        int length, int channels, int slot_count, int clip, int parts) {
    take_step<true, false, false, false>(
            numbers, x, f, slots, limit, next, x0, seed, stream, rows, length, channels, slot_count, clip, parts);
}

extern "C" __global__ void __launch_bounds__(256) reverse_step_slots(
        const int* __restrict__ numbers, const float* x, const float* __restrict__ f, float* __restrict__ slots,
        const float* __restrict__ limit, float* next, float* __restrict__ x0, unsigned long long seed, int stream, int rows,
        int length, int channels, int slot_count, int clip, int parts) {
    take_step<true, false, false, true>(
            numbers, x, f, slots, limit, next, x0, seed, stream, rows, length, channels, slot_count, clip, parts);
}

extern "C" __global__ void __launch_bounds__(256) reverse_step_threshold(
        const int* __restrict__ numbers, const float* x, const float* __restrict__ f, float* __restrict__ slots,
        const float* __restrict__ limit, float* next, float* __restrict__ x0, unsigned long long seed, int stream, int rows,
        int length, int channels, int slot_count, int clip, int parts) {
    take_step<true, false, true, false>(
            numbers, x, f, slots, limit, next, x0, seed, stream, rows, length, channels, slot_count, clip, parts);
}

extern "C" __global__ void __launch_bounds__(256) reverse_step_threshold_slots(
        const int* __restrict__ numbers, const float* x, const float* __restrict__ f, float* __restrict__ slots,
        const float* __restrict__ limit, float* next, float* __restrict__ x0, unsigned long long seed, int stream, int rows,
        int length, int channels, int slot_count, int clip, int parts) {
    take_step<true, false, true, true>(
            numbers, x, f, slots, limit, next, x0, seed, stream, rows, length, channels, slot_count, clip, parts);
}

extern "C" __global__ void __launch_bounds__(256) reverse_step_learned(
        const int* __restrict__ numbers, const float* x, const float* __restrict__ f, float* __restrict__ slots,
        const float* __restrict__ limit, float* next, float* __restrict__ x0, unsigned long long seed, int stream, int rows,
        int length, int channels, int slot_count, int clip, int parts) {
    take_step<true, true, false, false>(
            numbers, x, f, slots, limit, next, x0, seed, stream, rows, length, channels, slot_count, clip, parts);
}

extern "C" __global__ void __launch_bounds__(256) reverse_step_learned_slots(
        const int* __restrict__ numbers, const float* x, const float* __restrict__ f, float* __restrict__ slots,
        const float* __restrict__ limit, float* next, float* __restrict__ x0, unsigned long long seed, int stream, int rows,
        int length, int channels, int slot_count, int clip, int parts) {
    take_step<true, true, false, true>(
            numbers, x, f, slots, limit, next, x0, seed, stream, rows, length, channels, slot_count, clip, parts);
}

extern "C" __global__ void __launch_bounds__(256) reverse_step_learned_threshold(
        const int* __restrict__ numbers, const float* x, const float* __restrict__ f, float* __restrict__ slots,
        const float* __restrict__ limit, float* next, float* __restrict__ x0, unsigned long long seed, int stream, int rows,
        int length, int channels, int slot_count, int clip, int parts) {
    take_step<true, true, true, false>(
            numbers, x, f, slots, limit, next, x0, seed, stream, rows, length, channels, slot_count, clip, parts);
}

extern "C" __global__ void __launch_bounds__(256) reverse_step_learned_threshold_slots(
        const int* __restrict__ numbers, const float* x, const float* __restrict__ f, float* __restrict__ slots,
        const float* __restrict__ limit, float* next, float* __restrict__ x0, unsigned long long seed, int stream, int rows,
        int length, int channels, int slot_count, int clip, int parts) {
    take_step<true, true, true, true>(
            numbers, x, f, slots, limit, next, x0, seed, stream, rows, length, channels, slot_count, clip, parts);
}

// Where no network ran: a combination of x, slots and noise.
extern "C" __global__ void __launch_bounds__(256) reverse_step_still(
        const int* __restrict__ numbers, const float* x, const float* __restrict__ f, float* __restrict__ slots,
        const float* __restrict__ limit, float* next, float* __restrict__ x0, unsigned long long seed, int stream, int rows,
        int length, int channels, int slot_count, int clip, int parts) {
    take_step<false, false, false, true>(
            numbers, x, f, slots, limit, next, x0, seed, stream, rows, length, channels, slot_count, clip, parts);
}

// y = input_scale * x: what the network is shown.
extern "C" __global__ void __launch_bounds__(256) reverse_scale(
        const int* __restrict__ numbers,
        const float* x,
        float* y,
        long long n) {
    float factor = number(numbers, Word::INPUT_SCALE);
    map(n, x, y, [=](float v) { return __fmul_rn(factor, v); });
}

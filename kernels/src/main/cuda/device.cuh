// device.cuh: what all kernels share: bf16 storage, packs of 16 bytes, sums in a fixed order, SiLU.
// The only place with inline PTX. Each such function has up to three branches: the simulator (__CUSIM__), GPUs from
// sm_80 on, and a generic one; all three give the same bits, except where the comment says otherwise.
#pragma once

// ---------------------------------------------------------------------------------------------------- storage types

// bfloat16 in memory: the upper half of a float. Arithmetic is done in float.
struct bf16 {
    unsigned short bits;
};

__device__ __forceinline__ float to_float(float v) {
    return v;
}

__device__ __forceinline__ float to_float(bf16 v) {
    return __uint_as_float((unsigned) v.bits << 16);
}

// The nearest bf16, ties to even; every NaN becomes 0x7fff, as the instruction does it.
__device__ __forceinline__ bf16 to_bf16(float v) {
    bf16 out;
#if !defined(__CUSIM__) && defined(__CUDA_ARCH__) && __CUDA_ARCH__ >= 800
    asm("cvt.rn.bf16.f32 %0, %1;" : "=h"(out.bits) : "f"(v));
#else
    unsigned u = __float_as_uint(v);
    bool nan = (u & 0x7fffffffu) > 0x7f800000u;
    out.bits = nan ? (unsigned short) 0x7fff : (unsigned short) ((u + 0x7fffu + ((u >> 16) & 1u)) >> 16);
#endif
    return out;
}

// from_float<T>(v): v as it is stored in memory of type T.
template <typename T>
__device__ __forceinline__ T from_float(float v);

template <>
__device__ __forceinline__ float from_float<float>(float v) {
    return v;
}

template <>
__device__ __forceinline__ bf16 from_float<bf16>(float v) {
    return to_bf16(v);
}

// ------------------------------------------------------------------------------------------------------------- packs

// W neighbouring elements that move in one instruction: W * sizeof(T) is 2, 4, 8 or 16 and the address a multiple of it.
template <typename T, int W>
struct __align__(sizeof(T) * W) Pack {
    T at[W];
};

template <int W, typename T>
__device__ __forceinline__ Pack<T, W> load_pack(const T* from) {
    return *reinterpret_cast<const Pack<T, W>*>(from);
}

template <typename T, int W>
__device__ __forceinline__ void store_pack(T* to, const Pack<T, W>& pack) {
    *reinterpret_cast<Pack<T, W>*>(to) = pack;
}

// Elements of type T that fill 16 bytes.
template <typename T>
__device__ __forceinline__ constexpr int full_pack() {
    return 16 / (int) sizeof(T);
}

// The widest pack, in elements, to which all addresses and strides or-ed together into bits (in bytes) are aligned.
template <typename T>
__device__ __forceinline__ int pack_width(size_t bits) {
    size_t bytes = (bits | 16) & (~(bits | 16) + 1);    // the lowest bit that is set
    return (int) (bytes / sizeof(T));
}

template <int W>
struct Width {
    static constexpr int value = W;
};

// Calls f(Width<W>()) with W the greatest of 16 / sizeof(T), ..., 4, 2, 1 that is at most width. The compiler makes one
// copy of f for each; all threads must agree on the width.
template <typename T, typename F>
__device__ __forceinline__ void with_width(int width, F f) {
    if (sizeof(T) == 2 && width >= 8) {
        f(Width<full_pack<T>()>());
    } else if (width >= 4) {
        f(Width<4>());
    } else if (width >= 2) {
        f(Width<2>());
    } else {
        f(Width<1>());
    }
}

// -------------------------------------------------------------------------------------------------------- reductions

// The sum over the warp's 32 lanes, the same bits in each. All lanes must take part.
template <typename T>
__device__ __forceinline__ T warp_sum(T v) {
#pragma unroll
    for (int offset = 16; offset > 0; offset >>= 1) {
        v += __shfl_xor_sync(0xffffffffu, v, offset);
    }
    return v;
}

// The maximum over the warp's 32 lanes, in each of them.
__device__ __forceinline__ float warp_max(float v) {
#pragma unroll
    for (int offset = 16; offset > 0; offset >>= 1) {
        v = fmaxf(v, __shfl_xor_sync(0xffffffffu, v, offset));
    }
    return v;
}

// warp(v) over the block in a fixed order, the same bits in every thread: of each warp, then of the warps' results. Needs
// blockDim.x % 32 == 0 and room for 32 values in shared memory, which the next one may use again at once.
template <typename T, typename F>
__device__ __forceinline__ T over_block(T v, T nothing, T* shared32, F warp) {
    int lane = threadIdx.x & 31;
    int warps = blockDim.x >> 5;
    v = warp(v);
    __syncthreads();    // the last result may still be read
    if (lane == 0) {
        shared32[threadIdx.x >> 5] = v;
    }
    __syncthreads();
    return warp(lane < warps ? shared32[lane] : nothing);
}

template <typename T>
__device__ __forceinline__ T block_sum(T v, T* shared32) {
    return over_block(v, (T) 0, shared32, [](T w) { return warp_sum(w); });
}

__device__ __forceinline__ float block_max(float v, float* shared32) {
    return over_block(v, __int_as_float(0xff800000), shared32, [](float w) { return warp_max(w); });
}

// -------------------------------------------------------------------------------------------------------------- SiLU

// 1 / (1 + exp(-x)) by the approximate quotient, 2 ulp: the exact one calls a function, around which registers spill.
// It gives 0 for a denominator above 2^126, where the result is below 1.2e-38.
__device__ __forceinline__ float sigmoid(float x) {
    return __fdividef(1.0f, 1.0f + expf(-x));
}

__device__ __forceinline__ float silu(float x) {
    return x * sigmoid(x);
}

// d silu(x) / dx
__device__ __forceinline__ float silu_slope(float x) {
    float s = sigmoid(x);
    return s * (1.0f + x * (1.0f - s));
}

// --------------------------------------------------------------------------------------- attention: 2^x, tensor cores

// 2^x to 2 units in the last place; results below 2^-126 are 0. 2^-inf = 0.
__device__ __forceinline__ float exp2_fast(float x) {
#if defined(__CUSIM__)
    return exp2f(x);
#else
    float y;
    asm("ex2.approx.ftz.f32 %0, %1;" : "=f"(y) : "f"(x));
    return y;
#endif
}

// Two floats as bf16 (nearest, ties to even) in one word, the first in its lower half.
__device__ __forceinline__ unsigned pack_bf16(float low, float high) {
#if !defined(__CUSIM__) && defined(__CUDA_ARCH__) && __CUDA_ARCH__ >= 800
    unsigned word;
    asm("cvt.rn.bf16x2.f32 %0, %1, %2;" : "=r"(word) : "f"(high), "f"(low));
    return word;
#else
    return to_bf16(low).bits | (unsigned) to_bf16(high).bits << 16;
#endif
}

// Kernels that call mma_bf16 stand between #ifdef BF16_TENSOR_CORES and #endif: the generic PTX is without them.
#if defined(__CUSIM__) || !defined(__CUDA_ARCH__) || __CUDA_ARCH__ >= 800
#define BF16_TENSOR_CORES
#endif

#ifdef BF16_TENSOR_CORES
// sum[16,8] += a[16,16] b[16,8] by the whole warp, bf16 operands. Lane 4*g + t holds (PTX ISA, mma.m16n8k16):
//   a[0] row g columns 2t, 2t+1; a[1] row g+8; a[2] row g columns 2t+8, 2t+9; a[3] row g+8, those columns
//   b[0] column g rows 2t, 2t+1; b[1] rows 2t+8, 2t+9
//   sum[0], sum[1] row g columns 2t, 2t+1; sum[2], sum[3] row g+8
__device__ __forceinline__ void mma_bf16(float (&sum)[4], const unsigned (&a)[4], uint2 b) {
#if defined(__CUSIM__)
    unsigned words[2] = {b.x, b.y};
    cusim::mma16816(sum, a, words, sum, __FILE__, __LINE__);
#else
    asm volatile(
            "mma.sync.aligned.m16n8k16.row.col.f32.bf16.bf16.f32 {%0,%1,%2,%3}, {%4,%5,%6,%7}, {%8,%9}, {%0,%1,%2,%3};"
            : "+f"(sum[0]), "+f"(sum[1]), "+f"(sum[2]), "+f"(sum[3])
            : "r"(a[0]), "r"(a[1]), "r"(a[2]), "r"(a[3]), "r"(b.x), "r"(b.y));
#endif
}
#endif

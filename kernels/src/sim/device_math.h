// device_math.h: CUDA's arithmetic functions that C++ lacks.
// Kernels are compiled with contraction of a * b + c into one fused operation, as nvcc does. The _rn functions must stay
// out of that: an empty asm hides a value's origin from the compiler, so nothing can be fused across it.
// The approximate functions (__expf, __logf, ...) are as good as the exact ones here: results on a device differ by some ulp.
#pragma once
#include <cmath>
#include <cstdint>
#include <cstring>
#include <type_traits>

namespace cusim {
static inline float opaque(float v) {
    asm("" : "+x"(v));
    return v;
}
static inline double opaque(double v) {
    asm("" : "+x"(v));
    return v;
}
template <class To, class From>
static inline To bits(From from) {
    static_assert(sizeof(To) == sizeof(From), "same size");
    To to;
    std::memcpy(&to, &from, sizeof to);
    return to;
}
// bfloat16 as the device rounds: to nearest even, every NaN becomes 0x7fff
static inline unsigned short bf16Bits(float f) {
    unsigned u = bits<unsigned>(f);
    if ((u & 0x7fffffffu) > 0x7f800000u) return 0x7fff;
    return (unsigned short)((u + 0x7fffu + ((u >> 16) & 1u)) >> 16);
}
static inline float bf16Value(unsigned short h) { return bits<float>((unsigned)h << 16); }
}  // namespace cusim

// ---- one rounding each, never fused
static inline float __fadd_rn(float a, float b) { return cusim::opaque(a) + cusim::opaque(b); }
static inline float __fsub_rn(float a, float b) { return cusim::opaque(a) - cusim::opaque(b); }
static inline float __fmul_rn(float a, float b) { return cusim::opaque(a * b); }
static inline float __fdiv_rn(float a, float b) { return a / b; }
static inline float __fsqrt_rn(float a) { return std::sqrt(a); }
static inline float __frcp_rn(float a) { return 1.0f / a; }
static inline float __fmaf_rn(float a, float b, float c) { return __builtin_fmaf(a, b, c); }
static inline double __dadd_rn(double a, double b) { return cusim::opaque(a) + cusim::opaque(b); }
static inline double __dsub_rn(double a, double b) { return cusim::opaque(a) - cusim::opaque(b); }
static inline double __dmul_rn(double a, double b) { return cusim::opaque(a * b); }
static inline double __ddiv_rn(double a, double b) { return a / b; }
static inline double __dsqrt_rn(double a) { return std::sqrt(a); }
static inline double __fma_rn(double a, double b, double c) { return __builtin_fma(a, b, c); }

// ---- functions; glibc declares some of the underscored names itself, hence macros
static inline float rsqrtf(float x) { return 1.0f / std::sqrt(x); }
static inline double rsqrt(double x) { return 1.0 / std::sqrt(x); }
static inline float __frsqrt_rn(float x) { return (float)(1.0 / std::sqrt((double)x)); }
static inline float __fdividef(float a, float b) { return a / b; }
static inline float __saturatef(float x) { return x > 0.0f ? (x < 1.0f ? x : 1.0f) : 0.0f; }
static inline float sinpif(float x) { return (float)std::sin(3.14159265358979323846 * (double)x); }
static inline float cospif(float x) { return (float)std::cos(3.14159265358979323846 * (double)x); }
static inline void sincospif(float x, float *sine, float *cosine) {
    *sine = sinpif(x);
    *cosine = cospif(x);
}
#define __expf(x) expf(x)
#define __exp10f(x) exp10f(x)
#define __logf(x) logf(x)
#define __log2f(x) log2f(x)
#define __log10f(x) log10f(x)
#define __powf(x, y) powf(x, y)
#define __sinf(x) sinf(x)
#define __cosf(x) cosf(x)
#define __tanf(x) tanf(x)
#define __sincosf(x, s, c) sincosf(x, s, c)

// ---- bits and conversions
static inline float __int_as_float(int i) { return cusim::bits<float>(i); }
static inline int __float_as_int(float f) { return cusim::bits<int>(f); }
static inline float __uint_as_float(unsigned i) { return cusim::bits<float>(i); }
static inline unsigned __float_as_uint(float f) { return cusim::bits<unsigned>(f); }
static inline double __longlong_as_double(long long i) { return cusim::bits<double>(i); }
static inline long long __double_as_longlong(double d) { return cusim::bits<long long>(d); }
static inline float __int2float_rn(int i) { return (float)i; }
static inline float __uint2float_rn(unsigned i) { return (float)i; }
static inline float __ll2float_rn(long long i) { return (float)i; }
static inline float __ull2float_rn(unsigned long long i) { return (float)i; }
static inline double __int2double_rn(int i) { return (double)i; }
static inline float __double2float_rn(double d) { return (float)d; }
static inline int __float2int_rn(float f) { return (int)lrintf(f); }
static inline int __float2int_rd(float f) { return (int)floorf(f); }
static inline int __float2int_ru(float f) { return (int)ceilf(f); }
static inline int __float2int_rz(float f) { return (int)f; }
static inline unsigned __float2uint_rn(float f) { return (unsigned)llrintf(f); }
static inline unsigned __float2uint_rz(float f) { return (unsigned)f; }
static inline unsigned __umulhi(unsigned a, unsigned b) { return (unsigned)(((uint64_t)a * b) >> 32); }
static inline int __mulhi(int a, int b) { return (int)(((int64_t)a * b) >> 32); }
static inline unsigned long long __umul64hi(unsigned long long a, unsigned long long b) {
    return (unsigned long long)(((unsigned __int128)a * b) >> 64);
}
static inline int __popc(unsigned x) { return __builtin_popcount(x); }
static inline int __popcll(unsigned long long x) { return __builtin_popcountll(x); }
static inline int __clz(int x) { return x ? __builtin_clz((unsigned)x) : 32; }
static inline int __clzll(long long x) { return x ? __builtin_clzll((unsigned long long)x) : 64; }
static inline int __ffs(int x) { return __builtin_ffs(x); }
static inline int __ffsll(long long x) { return __builtin_ffsll(x); }

template <class A, class B>
static inline std::common_type_t<A, B> max(A a, B b) {
    std::common_type_t<A, B> x = a, y = b;
    if constexpr (std::is_floating_point_v<decltype(x)>) return std::fmax(x, y);       // as on the device: the number, not the NaN
    return x < y ? y : x;
}
template <class A, class B>
static inline std::common_type_t<A, B> min(A a, B b) {
    std::common_type_t<A, B> x = a, y = b;
    if constexpr (std::is_floating_point_v<decltype(x)>) return std::fmin(x, y);
    return y < x ? y : x;
}

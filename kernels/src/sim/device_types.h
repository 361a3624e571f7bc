// device_types.h: CUDA's vector types with their sizes and alignments, make_T functions and dim3.
#pragma once
#include "threads.h"

#define CUSIM_VECTOR1(T, NAME) \
    struct NAME { T x; }; \
    static inline NAME make_##NAME(T x) { return NAME{x}; }
#define CUSIM_VECTOR2(T, NAME, ALIGNMENT) \
    struct alignas(ALIGNMENT) NAME { T x, y; }; \
    static inline NAME make_##NAME(T x, T y) { return NAME{x, y}; }
#define CUSIM_VECTOR3(T, NAME) \
    struct NAME { T x, y, z; }; \
    static inline NAME make_##NAME(T x, T y, T z) { return NAME{x, y, z}; }
#define CUSIM_VECTOR4(T, NAME, ALIGNMENT) \
    struct alignas(ALIGNMENT) NAME { T x, y, z, w; }; \
    static inline NAME make_##NAME(T x, T y, T z, T w) { return NAME{x, y, z, w}; }
#define CUSIM_VECTORS(T, NAME, BYTES) \
    CUSIM_VECTOR1(T, NAME##1) \
    CUSIM_VECTOR2(T, NAME##2, 2 * BYTES) \
    CUSIM_VECTOR4(T, NAME##4, (4 * BYTES > 16 ? 16 : 4 * BYTES))

CUSIM_VECTORS(char, char, 1)
CUSIM_VECTORS(unsigned char, uchar, 1)
CUSIM_VECTORS(short, short, 2)
CUSIM_VECTORS(unsigned short, ushort, 2)
CUSIM_VECTORS(int, int, 4)
CUSIM_VECTORS(unsigned, uint, 4)
CUSIM_VECTORS(float, float, 4)
CUSIM_VECTORS(double, double, 8)
CUSIM_VECTORS(long long, longlong, 8)
CUSIM_VECTORS(unsigned long long, ulonglong, 8)
CUSIM_VECTOR3(char, char3)
CUSIM_VECTOR3(unsigned char, uchar3)
CUSIM_VECTOR3(short, short3)
CUSIM_VECTOR3(unsigned short, ushort3)
CUSIM_VECTOR3(int, int3)
CUSIM_VECTOR3(float, float3)
CUSIM_VECTOR3(double, double3)
static inline uint3 make_uint3(unsigned x, unsigned y, unsigned z) { return uint3{x, y, z}; }

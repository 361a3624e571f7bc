// philox.cuh: the project's random numbers, bit for bit those of ddpm.engine.random (Philox, Normals, Permutation).
//   words   Philox4x32-10 of the counter (block, row, step, stream) under the key seed
//           Salmon, Moraes, Dror, Shaw, "Parallel Random Numbers: As Easy as 1, 2, 3", SC 2011, section 3.3
//   normals Box & Muller 1958 on the words, four from each block; log, sin, cos are Cephes' polynomials (Moshier)
//   order   a Feistel network walked until it lands below n, Black & Rogaway, CT-RSA 2002, section 4
// Numbers  every float operation is rounded on its own (__fmul_rn, __fadd_rn, __fsub_rn), never fused: Java does not fuse.
#pragma once
#include "rounded.cuh"

// ddpm.engine.random.Stream.SHUFFLE; kernels are given the numbers of all other uses of a seed.
#define STREAM_SHUFFLE 3u

// ---- words

__device__ __forceinline__ uint4 philox(
        unsigned long long seed,
        unsigned stream,
        unsigned row,
        unsigned step,
        unsigned block) {
    uint4 c = make_uint4(block, row, step, stream);
    unsigned k0 = (unsigned)seed;
    unsigned k1 = (unsigned)(seed >> 32);
#pragma unroll
    for (int round = 0; round < 10; round++) {
        unsigned high0 = __umulhi(0xD2511F53u, c.x);
        unsigned low0 = 0xD2511F53u * c.x;
        unsigned high1 = __umulhi(0xCD9E8D57u, c.z);
        unsigned low1 = 0xCD9E8D57u * c.z;
        c = make_uint4(high1 ^ c.y ^ k0, low1, high0 ^ c.w ^ k1, low0);
        k0 += 0x9E3779B9u;
        k1 += 0xBB67AE85u;
    }
    return c;
}

// ---- normals

// Natural logarithm of a normal float in (0,1].
__device__ __forceinline__ float normal_log(float u) {
    int bits = __float_as_int(u);
    int e = (bits >> 23) - 126;
    float m = __int_as_float((bits & 0x007FFFFF) | 0x3F000000);  // in [0.5,1)
    if (m < 0.70710677f) {
        e -= 1;
        m = __fadd_rn(m, m);
    }
    float x = __fsub_rn(m, 1.0f);
    float z = __fmul_rn(x, x);
    float y = 7.0376836292e-2f;
    y = mul_add(y, x, -1.1514610310e-1f);
    y = mul_add(y, x, 1.1676998740e-1f);
    y = mul_add(y, x, -1.2420140846e-1f);
    y = mul_add(y, x, 1.4249322787e-1f);
    y = mul_add(y, x, -1.6668057665e-1f);
    y = mul_add(y, x, 2.0000714765e-1f);
    y = mul_add(y, x, -2.4999993993e-1f);
    y = mul_add(y, x, 3.3333331174e-1f);
    y = __fmul_rn(__fmul_rn(y, x), z);
    y = mul_add((float)e, -2.12194440e-4f, y);
    y = __fsub_rn(y, __fmul_rn(0.5f, z));
    return __fadd_rn(__fadd_rn(x, y), __fmul_rn((float)e, 0.693359375f));
}

// Sine for |a| at most pi/4.
__device__ __forceinline__ float normal_sin(float a) {
    float z = __fmul_rn(a, a);
    float y = -1.9515295891e-4f;
    y = mul_add(y, z, 8.3321608736e-3f);
    y = mul_add(y, z, -1.6666654611e-1f);
    return __fadd_rn(__fmul_rn(__fmul_rn(y, z), a), a);
}

// Cosine for |a| at most pi/4.
__device__ __forceinline__ float normal_cos(float a) {
    float z = __fmul_rn(a, a);
    float y = 2.443315711809948e-5f;
    y = mul_add(y, z, -1.388731625493765e-3f);
    y = mul_add(y, z, 4.166664568298827e-2f);
    y = __fmul_rn(__fmul_rn(y, z), z);
    return __fadd_rn(__fsub_rn(y, __fmul_rn(0.5f, z)), 1.0f);
}

// Two normals from two words: radius from the first, angle from the second.
__device__ __forceinline__ float2 normal_pair(unsigned a, unsigned b) {
    const float to_unit = 5.9604644775390625e-8f;                    // 2^-24
    float u = __fmul_rn(__fadd_rn((float)(a >> 8), 0.5f), to_unit);  // in (0,1]
    float turn = __fmul_rn((float)(b >> 8), to_unit);                // in [0,1), exact
    float radius = __fsqrt_rn(__fmul_rn(-2.0f, normal_log(u)));
    int quadrant = (int)mul_add(turn, 4.0f, 0.5f);  // nearest quarter turn
    float angle = __fmul_rn(__fsub_rn(turn, __fmul_rn((float)quadrant, 0.25f)), 6.2831855f);
    float sin = normal_sin(angle);
    float cos = normal_cos(angle);
    float first = quadrant & 1 ? sin : cos;  // a quarter turn takes (cos, sin) to (-sin, cos)
    float second = quadrant & 1 ? cos : sin;
    if (((quadrant + 1) & 2) != 0) {
        first = -first;
    }
    if ((quadrant & 2) != 0) {
        second = -second;
    }
    return make_float2(__fmul_rn(radius, first), __fmul_rn(radius, second));
}

// Values 4 * block .. 4 * block + 3 of a row.
__device__ __forceinline__ float4 normal_four(
        unsigned long long seed,
        unsigned stream,
        unsigned row,
        unsigned step,
        unsigned block) {
    uint4 words = philox(seed, stream, row, step, block);
    float2 a = normal_pair(words.x, words.y);
    float2 b = normal_pair(words.z, words.w);
    return make_float4(a.x, a.y, b.x, b.y);
}

// ---- the order of an epoch

// The item at a position below n of epoch's permutation of n items, 1 <= n < 2^31.
__device__ __forceinline__ unsigned permuted(unsigned position, unsigned n, unsigned long long seed, unsigned epoch) {
    int bits = n > 1 ? 32 - __clz((int)(n - 1)) : 0;
    int half_bits = bits > 2 ? (bits + 1) / 2 : 1;
    unsigned mask = (1u << half_bits) - 1;
    unsigned x = position;
    do {
        unsigned left = x >> half_bits;
        unsigned right = x & mask;
#pragma unroll 1
        for (unsigned round = 0; round < 6; round++) {
            unsigned next = left ^ (philox(seed, STREAM_SHUFFLE, right, epoch, round).x & mask);
            left = right;
            right = next;
        }
        x = (left << half_bits) | right;
    } while (x >= n);
    return x;
}

// ---- rows in groups of four: what one thread handles

// Four neighbours of a row from place `at`; zeros behind its end. One access of 16 bytes where every row is whole groups.
__device__ __forceinline__ float4 load_four(const float* row, int at, int length) {
    if (length % 4 == 0) {
        return *reinterpret_cast<const float4*>(row + at);
    }
    float4 v = make_float4(0.0f, 0.0f, 0.0f, 0.0f);
    v.x = row[at];
    if (at + 1 < length) {
        v.y = row[at + 1];
    }
    if (at + 2 < length) {
        v.z = row[at + 2];
    }
    if (at + 3 < length) {
        v.w = row[at + 3];
    }
    return v;
}

__device__ __forceinline__ void store_four(float* row, int at, int length, float4 v) {
    if (length % 4 == 0) {
        *reinterpret_cast<float4*>(row + at) = v;
        return;
    }
    row[at] = v.x;
    if (at + 1 < length) {
        row[at + 1] = v.y;
    }
    if (at + 2 < length) {
        row[at + 2] = v.z;
    }
    if (at + 3 < length) {
        row[at + 3] = v.w;
    }
}

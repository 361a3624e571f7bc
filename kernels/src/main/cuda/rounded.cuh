// rounded.cuh: float arithmetic with the bits of Java, whose every operation is rounded on its own and never fused.
//   exp     2^n e^r with n the integer nearest to x / log 2, e^r by Cephes' polynomial (Moshier, expf): ddpm.engine.random.Exp
#pragma once

// a * b + c in two roundings, as Java computes it.
__device__ __forceinline__ float mul_add(float a, float b, float c) {
    return __fadd_rn(__fmul_rn(a, b), c);
}

// 2^n for n in -126 .. 127.
__device__ __forceinline__ float power_of_two(int n) {
    return __int_as_float((n + 127) << 23);
}

// e^x within 2 units in the last place; infinite above 88.7, 0 below -104. A NaN stays one.
__device__ __forceinline__ float rounded_exp(float x) {
    x = x > 89.0f ? 89.0f : x < -104.0f ? -104.0f : x;
    float turns = __fmul_rn(x, 1.44269504f);
    int n = (int)(turns < 0.0f ? __fsub_rn(turns, 0.5f) : __fadd_rn(turns, 0.5f));
    float r = __fsub_rn(x, __fmul_rn((float)n, 0.693359375f));  // exact: log 2 to 9 bits, and what it lacks
    r = __fsub_rn(r, __fmul_rn((float)n, -2.12194440e-4f));
    float y = 1.9875691500e-4f;
    y = mul_add(y, r, 1.3981999507e-3f);
    y = mul_add(y, r, 8.3334519073e-3f);
    y = mul_add(y, r, 4.1665795894e-2f);
    y = mul_add(y, r, 1.6666665459e-1f);
    y = mul_add(y, r, 5.0000001201e-1f);
    y = mul_add(y, __fmul_rn(r, r), r);
    y = __fadd_rn(y, 1.0f);
    int half = n >> 1;  // 2^n itself leaves the range of normal floats
    return __fmul_rn(__fmul_rn(y, power_of_two(half)), power_of_two(n - half));
}

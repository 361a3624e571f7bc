// functions.cu: y = f(x), dx = dy f'(x), and a - b, a * b, a / b; float32.
//   relu     max(x, 0)                       1 where x > 0
//   gelu     x (1 + erf(x / sqrt 2)) / 2     (1 + erf(x / sqrt 2)) / 2 + x exp(-x^2 / 2) / sqrt(2 pi)      Hendrycks & Gimpel 2016
//   tanh     sigmoid     exp     log     sqrt
//   gelu_tanh  x s(2u) with s the sigmoid and u = sqrt(2 / pi) (x + 0.044715 x^3), which is x (1 + tanh u) / 2
// Shapes   n elements each, any n >= 0, any alignment. The result may lie over an input.
// Threads  one pack of 16 bytes each, in strides of the grid; any grid.
// Bytes    8 per element forward, 12 backward and of two.
// Which    f is an argument, the same for all threads: one kernel serves all functions, and the branch costs nothing beside memory.
//          Its numbers are the order of ddpm.engine.backend.ElementwiseOps.Function. Of two: pair.cuh.
// Numbers  slopes are computed from x again, so that the backward keeps x and not y. 1 - tanh(x)^2 cancels where tanh is near 1, and is
//          1 / cosh(x)^2 = 4 s(2x) s(-2x) with s the sigmoid.
#include "map.cuh"
#include "pair.cuh"

enum Function { RELU, GELU, TANH, SIGMOID, EXP, LOG, SQRT, GELU_TANH };

// Phi(x), the share of a normal distribution below x; erfc keeps it exact to its own size for x far below 0.
__device__ __forceinline__ float normal_share(float x) {
    return 0.5f * erfcf(-0.70710678f * x);
}

// 1 / sqrt(2 pi) exp(-x^2 / 2)
__device__ __forceinline__ float normal_density(float x) {
    return 0.39894228f * expf(-0.5f * x * x);
}

// 2 u, and 2 du/dx
__device__ __forceinline__ float gelu_argument(float x) {
    return x * (1.5957691f + 0.07135482f * x * x);
}

__device__ __forceinline__ float gelu_argument_slope(float x) {
    return 1.5957691f + 0.21406447f * x * x;
}

// s + x s (1 - s) d(2u)/dx. Far from 0 it is 1 or 0, and its factors would be infinity times 0.
__device__ __forceinline__ float gelu_tanh_slope(float x) {
    if (fabsf(x) > 16.0f) {
        return x > 0.0f ? 1.0f : 0.0f;
    }
    float u = gelu_argument(x);
    float s = sigmoid(u);
    return s + x * s * sigmoid(-u) * gelu_argument_slope(x);
}

__device__ __forceinline__ float value(int f, float x) {
    switch (f) {
        case RELU: return x < 0.0f ? 0.0f : x;          // NaN stays NaN
        case GELU: return x * normal_share(x);
        case TANH: return tanhf(x);
        case SIGMOID: return sigmoid(x);
        case EXP: return expf(x);
        case LOG: return logf(x);
        case GELU_TANH: return x * sigmoid(gelu_argument(x));
        default: return sqrtf(x);
    }
}

__device__ __forceinline__ float slope(int f, float x) {
    switch (f) {
        case RELU: return x > 0.0f ? 1.0f : 0.0f;
        case GELU: return normal_share(x) + x * normal_density(x);
        case TANH: return 4.0f * sigmoid(2.0f * x) * sigmoid(-2.0f * x);
        case SIGMOID: return sigmoid(x) * sigmoid(-x);
        case EXP: return expf(x);
        case LOG: return 1.0f / x;
        case GELU_TANH: return gelu_tanh_slope(x);
        default: return 0.5f / sqrtf(x);
    }
}

extern "C" __global__ void __launch_bounds__(256) function_forward_f32(
        const float* x,
        float* y,
        long long n,
        int f) {
    map(n, x, y, [=](float v) { return value(f, v); });
}

extern "C" __global__ void __launch_bounds__(256) function_backward_f32(
        const float* x,
        const float* dy,
        float* dx,
        long long n,
        int f) {
    map(n, x, dy, dx, [=](float v, float d) { return d * slope(f, v); });
}

extern "C" __global__ void __launch_bounds__(256) combine_f32(
        const float* a,
        const float* b,
        float* y,
        long long n,
        int pair) {
    map(n, a, b, y, [=](float v, float w) { return combined(pair, v, w); });
}

// elementwise.cu: y = a + b, y = factor * x, y = factor * s[0]; float32 and bf16 storage.
// Shapes   n elements each, any n >= 0, any alignment; s one float32. y may lie over an input.
// Threads  one pack of 16 bytes each, in strides of the grid; any grid.
// Bytes    add 12 per element in float32, scale 8, fill 4.
#include "map.cuh"

extern "C" __global__ void __launch_bounds__(256) add_f32(
        const float* a,
        const float* b,
        float* y,
        long long n) {
    map(n, a, b, y, [](float v, float w) { return v + w; });
}

extern "C" __global__ void __launch_bounds__(256) add_bf16(
        const bf16* a,
        const bf16* b,
        bf16* y,
        long long n) {
    map(n, a, b, y, [](float v, float w) { return v + w; });
}

extern "C" __global__ void __launch_bounds__(256) scale_f32(
        const float* x,
        float* y,
        long long n,
        float factor) {
    map(n, x, y, [=](float v) { return factor * v; });
}

extern "C" __global__ void __launch_bounds__(256) scale_bf16(
        const bf16* x,
        bf16* y,
        long long n,
        float factor) {
    map(n, x, y, [=](float v) { return factor * v; });
}

// The same value everywhere: the backward of a sum.
template <typename T>
__device__ __forceinline__ void fill(long long n, float value, T* y) {
    constexpr int W = full_pack<T>();
    Pack<T, W> p;
#pragma unroll
    for (int k = 0; k < W; k++) {
        p.at[k] = from_float<T>(value);
    }
    each_element<T>(n, (size_t) y,
            [&](long long i) { store_pack(y + i, p); },
            [&](long long i) { y[i] = p.at[0]; });
}

extern "C" __global__ void __launch_bounds__(256) fill_f32(
        const float* s,
        float* y,
        long long n,
        float factor) {
    fill(n, factor * s[0], y);
}

extern "C" __global__ void __launch_bounds__(256) fill_bf16(
        const float* s,
        bf16* y,
        long long n,
        float factor) {
    fill(n, factor * s[0], y);
}

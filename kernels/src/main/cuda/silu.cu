// silu.cu: SiLU and its gradient; float32 and bf16 storage, computed in float32.
//   y = x * sigmoid(x)   dx = dy * sigmoid(x) * (1 + x * (1 - sigmoid(x)))                        Elfwing et al. 2017
// Shapes   n elements each, any n >= 0, any alignment. The result may lie over an input.
// Threads  one pack of 16 bytes each, in strides of the grid; any grid.
// Bytes    8 per element in float32, backward 12. The backward keeps nothing and computes the exponential again: about
//          30 instructions, while memory takes the time of 80.
// Numbers  1 - sigmoid(x) for large x is exact where it matters: the term is below x * 2^-24.
#include "map.cuh"

extern "C" __global__ void __launch_bounds__(256) silu_forward_f32(
        const float* x,
        float* y,
        long long n) {
    map(n, x, y, [](float v) { return silu(v); });
}

extern "C" __global__ void __launch_bounds__(256) silu_forward_bf16(
        const bf16* x,
        bf16* y,
        long long n) {
    map(n, x, y, [](float v) { return silu(v); });
}

extern "C" __global__ void __launch_bounds__(256) silu_backward_f32(
        const float* x,
        const float* dy,
        float* dx,
        long long n) {
    map(n, x, dy, dx, [](float v, float d) { return d * silu_slope(v); });
}

extern "C" __global__ void __launch_bounds__(256) silu_backward_bf16(
        const bf16* x,
        const bf16* dy,
        bf16* dx,
        long long n) {
    map(n, x, dy, dx, [](float v, float d) { return d * silu_slope(v); });
}

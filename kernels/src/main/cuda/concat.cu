// concat.cu: joining and cutting channels, without computing; float32 and bf16 elements.
//   concat: y[p] = a[p] followed by b[p]   slice: y[p,c] = x[p,from+c]   slice_backward: dx[p,from+c] = dy[p,c], else 0
//   stack: y = a, then b, then c, n elements each   unstack: a, b, c out of y
// Shapes   a [pixels,ca], b [pixels,cb], y [pixels,ca+cb]; x, dx [pixels,cx], y, dy [pixels,cy], from + cy <= cx.
//          "Pixels" are whatever lies in front of the extent that is cut, channels that extent and all behind it.
// Threads  panel.cuh over the pixels of the result, in strides of the grid (x, y); any grid. Its blocks in y share out the channels
//          of a pixel. The widest packs that divide all channel counts and addresses: each pixel's channels are a run of
//          bytes. stack, unstack: map.cuh.
// Bytes    every element read once and written once: 8 in float32.
#include "map.cuh"
#include "panel.cuh"

// result[p, pack] = value(p, pack) for `packs` packs of each pixel.
template <typename T, int W, typename F>
__device__ __forceinline__ void each_result(long long pixels, int packs, T* __restrict__ result, F value) {
    Panel panel = panel_over(packs);
    if (panel.row >= panel.rows) {
        return;
    }
    for (long long p = (long long) blockIdx.x * panel.rows + panel.row; p < pixels;
            p += (long long) gridDim.x * panel.rows) {
        for (unsigned pack = panel.column + blockIdx.y * panel.columns; pack < packs; pack += gridDim.y * panel.columns) {
            store_pack(result + ((size_t) p * packs + pack) * W, value(p, pack));
        }
    }
}

template <typename T>
__device__ __forceinline__ void concat_channels(
        long long pixels, int ca, const T* __restrict__ a, int cb, const T* __restrict__ b, T* __restrict__ y) {
    size_t extents = ((size_t) ca | (size_t) cb) * sizeof(T);
    with_width<T>(pack_width<T>((size_t) a | (size_t) b | (size_t) y | extents), [&](auto w) {
        constexpr int W = decltype(w)::value;
        each_result<T, W>(pixels, (ca + cb) / W, y, [&](long long p, int pack) {
            int c = pack * W;
            return load_pack<W>(c < ca ? a + (size_t) p * ca + c : b + (size_t) p * cb + (c - ca));
        });
    });
}

template <typename T>
__device__ __forceinline__ void slice_channels(
        long long pixels, int cx, int from, int cy, const T* __restrict__ x, T* __restrict__ y) {
    size_t extents = ((size_t) cx | (size_t) from | (size_t) cy) * sizeof(T);
    with_width<T>(pack_width<T>((size_t) x | (size_t) y | extents), [&](auto w) {
        constexpr int W = decltype(w)::value;
        each_result<T, W>(pixels, cy / W, y, [&](long long p, int pack) {
            return load_pack<W>(x + (size_t) p * cx + from + pack * W);
        });
    });
}

template <typename T>
__device__ __forceinline__ void slice_channels_backward(
        long long pixels, int cx, int from, int cy, const T* __restrict__ dy, T* __restrict__ dx) {
    size_t extents = ((size_t) cx | (size_t) from | (size_t) cy) * sizeof(T);
    with_width<T>(pack_width<T>((size_t) dy | (size_t) dx | extents), [&](auto w) {
        constexpr int W = decltype(w)::value;
        each_result<T, W>(pixels, cx / W, dx, [&](long long p, int pack) {
            int c = pack * W - from;
            return c >= 0 && c < cy ? load_pack<W>(dy + (size_t) p * cy + c) : Pack<T, W>{};
        });
    });
}

extern "C" __global__ void __launch_bounds__(256) concat_channels_f32(
        const float* __restrict__ a,
        const float* __restrict__ b,
        float* __restrict__ y,
        long long pixels,
        int ca,
        int cb) {
    concat_channels(pixels, ca, a, cb, b, y);
}

extern "C" __global__ void __launch_bounds__(256) concat_channels_bf16(
        const bf16* __restrict__ a,
        const bf16* __restrict__ b,
        bf16* __restrict__ y,
        long long pixels,
        int ca,
        int cb) {
    concat_channels(pixels, ca, a, cb, b, y);
}

extern "C" __global__ void __launch_bounds__(256) slice_channels_f32(
        const float* __restrict__ x,
        float* __restrict__ y,
        long long pixels,
        int cx,
        int from,
        int cy) {
    slice_channels(pixels, cx, from, cy, x, y);
}

extern "C" __global__ void __launch_bounds__(256) slice_channels_bf16(
        const bf16* __restrict__ x,
        bf16* __restrict__ y,
        long long pixels,
        int cx,
        int from,
        int cy) {
    slice_channels(pixels, cx, from, cy, x, y);
}

extern "C" __global__ void __launch_bounds__(256) slice_channels_backward_f32(
        const float* __restrict__ dy,
        float* __restrict__ dx,
        long long pixels,
        int cx,
        int from,
        int cy) {
    slice_channels_backward(pixels, cx, from, cy, dy, dx);
}

extern "C" __global__ void __launch_bounds__(256) slice_channels_backward_bf16(
        const bf16* __restrict__ dy,
        bf16* __restrict__ dx,
        long long pixels,
        int cx,
        int from,
        int cy) {
    slice_channels_backward(pixels, cx, from, cy, dy, dx);
}

extern "C" __global__ void __launch_bounds__(256) stack_f32(
        const float* __restrict__ a,
        const float* __restrict__ b,
        const float* __restrict__ c,
        float* __restrict__ y,
        long long n) {
    const float* from[] = {a, b, c};
#pragma unroll
    for (int part = 0; part < 3; part++) {
        map(n, from[part], y + part * n, [](float v) { return v; });
    }
}

extern "C" __global__ void __launch_bounds__(256) unstack_f32(
        const float* __restrict__ y,
        float* __restrict__ a,
        float* __restrict__ b,
        float* __restrict__ c,
        long long n) {
    float* to[] = {a, b, c};
#pragma unroll
    for (int part = 0; part < 3; part++) {
        map(n, y + part * n, to[part], [](float v) { return v; });
    }
}

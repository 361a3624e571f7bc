// broadcast.cu: a vector per image combined with all its pixels, and the sums over pixels that are its gradient.
//   y[n,h,w,c] = x[n,h,w,c] + b[n,c]   db[n,c] = sum over h, w of dy[n,h,w,c]
//   y[n,h,w,c] = x[n,h,w,c] - b[n,c], or * or /   d[n,c] = sum over h, w of u[n,h,w,c] v[n,h,w,c]
// Shapes   x, y, dy, u, v [N,H,W,C]; b, db, d [N,C]; float32, the first two in bf16 storage, too; sums in float32. Any extents.
//          y may lie over x.
// Threads  panel.cuh: a thread stays with its channels and walks over the pixels of one image, so b and the sums live in
//          its registers. Grid (x, images), any x with x * blockDim.x < 2^31; blockDim.x at most 256.
// Bytes    8 per element in float32, sum_pixels 4, sum_pixel_products 8.
// Numbers  each thread sums its pixels, then the rows of the panel are added four at a time: fixed order.
#include "pair.cuh"
#include "panel.cuh"

// y = f(x, b)
template <typename T, int W, typename F>
__device__ __forceinline__ void per_image_block(
        const T* x, const T* __restrict__ b, T* y, int images, int pixels, int c, F f) {
    Panel p = panel_over(c / W);
    if (p.row >= p.rows) {
        return;
    }
    for (int image = blockIdx.y; image < images; image += gridDim.y) {
        for (int pack = p.column; pack < c / W; pack += p.columns) {
            Pack<T, W> of = load_pack<W>(b + (size_t) image * c + pack * W);
#pragma unroll 2
            for (unsigned pixel = blockIdx.x * p.rows + p.row; pixel < pixels; pixel += gridDim.x * p.rows) {
                size_t at = ((size_t) image * pixels + pixel) * c + pack * W;
                Pack<T, W> v = load_pack<W>(x + at);
#pragma unroll
                for (int i = 0; i < W; i++) {
                    v.at[i] = from_float<T>(f(to_float(v.at[i]), to_float(of.at[i])));
                }
                store_pack(y + at, v);
            }
        }
    }
}

template <typename T, typename F>
__device__ __forceinline__ void per_image(const T* x, const T* __restrict__ b, T* y, int images, int pixels, int c, F f) {
    with_width<T>(pack_width<T>((size_t) x | (size_t) b | (size_t) y | (size_t) c * sizeof(x[0])), [&](auto w) {
        per_image_block<T, decltype(w)::value>(x, b, y, images, pixels, c, f);
    });
}

// Block x sums the packs x * packs_per_block .. of a pixel, at most blockDim.x of them: of u, or of the products of u and v.
template <typename T, int W, bool PRODUCTS>
__device__ __forceinline__ void sum_pixels_block(
        const T* __restrict__ u,
        const T* __restrict__ v,
        T* __restrict__ d,
        int images,
        int pixels,
        int c,
        int packs_per_block,
        float* shared) {
    Panel p = panel_over(packs_per_block);
    int pack = blockIdx.x * packs_per_block + p.column;
    bool works = p.row < p.rows && pack < c / W;
    for (int image = blockIdx.y; image < images; image += gridDim.y) {
        float sums[W] = {};
        if (works) {
#pragma unroll 4
            for (int pixel = p.row; pixel < pixels; pixel += p.rows) {
                size_t at = ((size_t) image * pixels + pixel) * c + pack * W;
                Pack<T, W> first = load_pack<W>(u + at);
                Pack<T, W> second = first;
                if (PRODUCTS) {
                    second = load_pack<W>(v + at);
                }
#pragma unroll
                for (int i = 0; i < W; i++) {
                    sums[i] += PRODUCTS ? to_float(first.at[i]) * to_float(second.at[i]) : to_float(first.at[i]);
                }
            }
        }
        sum_rows(sums, p, shared);
        if (works && p.row == 0) {
            Pack<T, W> sum;
#pragma unroll
            for (int i = 0; i < W; i++) {
                sum.at[i] = from_float<T>(sums[i]);
            }
            store_pack(d + (size_t) image * c + pack * W, sum);
        }
    }
}

extern "C" __global__ void __launch_bounds__(256, 4) add_per_image_f32(
        const float* x,
        const float* __restrict__ b,
        float* y,
        int images,
        int pixels,
        int c) {
    per_image(x, b, y, images, pixels, c, [](float v, float w) { return v + w; });
}

extern "C" __global__ void __launch_bounds__(256, 4) add_per_image_bf16(
        const bf16* x,
        const bf16* __restrict__ b,
        bf16* y,
        int images,
        int pixels,
        int c) {
    per_image(x, b, y, images, pixels, c, [](float v, float w) { return v + w; });
}

extern "C" __global__ void __launch_bounds__(256, 4) combine_per_image_f32(
        const float* x,
        const float* __restrict__ b,
        float* y,
        int images,
        int pixels,
        int c,
        int pair) {
    per_image(x, b, y, images, pixels, c, [=](float v, float w) { return combined(pair, v, w); });
}

// width elements move at once: it divides c, and addresses are multiples of width * sizeof(T).
extern "C" __global__ void __launch_bounds__(256, 4) sum_pixels_f32(
        const float* __restrict__ dy,
        float* __restrict__ db,
        int images,
        int pixels,
        int c,
        int packs_per_block,
        int width) {
    __shared__ float shared[4 * 256];
    with_width<float>(width, [&](auto w) {
        sum_pixels_block<float, decltype(w)::value, false>(dy, nullptr, db, images, pixels, c, packs_per_block, shared);
    });
}

extern "C" __global__ void __launch_bounds__(256, 4) sum_pixels_bf16(
        const bf16* __restrict__ dy,
        bf16* __restrict__ db,
        int images,
        int pixels,
        int c,
        int packs_per_block,
        int width) {
    __shared__ float shared[8 * 256];
    with_width<bf16>(width, [&](auto w) {
        sum_pixels_block<bf16, decltype(w)::value, false>(dy, nullptr, db, images, pixels, c, packs_per_block, shared);
    });
}

extern "C" __global__ void __launch_bounds__(256, 4) sum_pixel_products_f32(
        const float* __restrict__ u,
        const float* __restrict__ v,
        float* __restrict__ d,
        int images,
        int pixels,
        int c,
        int packs_per_block,
        int width) {
    __shared__ float shared[4 * 256];
    with_width<float>(width, [&](auto w) {
        sum_pixels_block<float, decltype(w)::value, true>(u, v, d, images, pixels, c, packs_per_block, shared);
    });
}

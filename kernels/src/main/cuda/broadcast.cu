// broadcast.cu: a vector per image added to all its pixels, and the sum over pixels that is its gradient.
//   y[n,h,w,c] = x[n,h,w,c] + b[n,c]   db[n,c] = sum over h, w of dy[n,h,w,c]
// Shapes   x, y, dy [N,H,W,C]; b, db [N,C]; float32 and bf16 storage, sums in float32. Any extents. y may lie over x.
// Threads  panel.cuh: a thread stays with its channels and walks over the pixels of one image, so b and the sums live in
//          its registers. Grid (x, images), any x with x * blockDim.x < 2^31; blockDim.x at most 256.
// Bytes    add_per_image 8 per element in float32, sum_pixels 4.
// Numbers  each thread sums its pixels, then the rows of the panel are added four at a time: fixed order.
#include "panel.cuh"

template <typename T, int W>
__device__ __forceinline__ void add_per_image_block(
        const T* x, const T* __restrict__ b, T* y, int images, int pixels, int c) {
    Panel p = panel_over(c / W);
    if (p.row >= p.rows) {
        return;
    }
    for (int image = blockIdx.y; image < images; image += gridDim.y) {
        for (int pack = p.column; pack < c / W; pack += p.columns) {
            Pack<T, W> add = load_pack<W>(b + (size_t) image * c + pack * W);
#pragma unroll 2
            for (unsigned pixel = blockIdx.x * p.rows + p.row; pixel < pixels; pixel += gridDim.x * p.rows) {
                size_t at = ((size_t) image * pixels + pixel) * c + pack * W;
                Pack<T, W> v = load_pack<W>(x + at);
#pragma unroll
                for (int i = 0; i < W; i++) {
                    v.at[i] = from_float<T>(to_float(v.at[i]) + to_float(add.at[i]));
                }
                store_pack(y + at, v);
            }
        }
    }
}

// Block x sums the packs x * packs_per_block .. of a pixel, at most blockDim.x of them.
template <typename T, int W>
__device__ __forceinline__ void sum_pixels_block(
        const T* __restrict__ dy, T* __restrict__ db, int images, int pixels, int c, int packs_per_block, float* shared) {
    Panel p = panel_over(packs_per_block);
    int pack = blockIdx.x * packs_per_block + p.column;
    bool works = p.row < p.rows && pack < c / W;
    for (int image = blockIdx.y; image < images; image += gridDim.y) {
        float sums[W] = {};
        if (works) {
#pragma unroll 4
            for (int pixel = p.row; pixel < pixels; pixel += p.rows) {
                Pack<T, W> v = load_pack<W>(dy + ((size_t) image * pixels + pixel) * c + pack * W);
#pragma unroll
                for (int i = 0; i < W; i++) {
                    sums[i] += to_float(v.at[i]);
                }
            }
        }
        sum_rows(sums, p, shared);
        if (works && p.row == 0) {
            Pack<T, W> v;
#pragma unroll
            for (int i = 0; i < W; i++) {
                v.at[i] = from_float<T>(sums[i]);
            }
            store_pack(db + (size_t) image * c + pack * W, v);
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
    with_width<float>(pack_width<float>((size_t) x | (size_t) b | (size_t) y | (size_t) c * sizeof(x[0])), [&](auto w) {
        add_per_image_block<float, decltype(w)::value>(x, b, y, images, pixels, c);
    });
}

extern "C" __global__ void __launch_bounds__(256, 4) add_per_image_bf16(
        const bf16* x,
        const bf16* __restrict__ b,
        bf16* y,
        int images,
        int pixels,
        int c) {
    with_width<bf16>(pack_width<bf16>((size_t) x | (size_t) b | (size_t) y | (size_t) c * sizeof(x[0])), [&](auto w) {
        add_per_image_block<bf16, decltype(w)::value>(x, b, y, images, pixels, c);
    });
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
        sum_pixels_block<float, decltype(w)::value>(dy, db, images, pixels, c, packs_per_block, shared);
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
        sum_pixels_block<bf16, decltype(w)::value>(dy, db, images, pixels, c, packs_per_block, shared);
    });
}

// modulate.cu: a scale and a shift for each channel of an image, and their gradients; float32.
//   y[n,h,w,c] = x[n,h,w,c] (1 + e[n,c]) + e[n,C+c]
//   dx[n,h,w,c] = dy[n,h,w,c] (1 + e[n,c])   de[n,c] = sum over h, w of dy x   de[n,C+c] = sum over h, w of dy
//   Perez et al. 2018, section 2; between norm and SiLU: Dhariwal & Nichol 2021, section 3
// Shapes   x, y, dy, dx [N,H,W,C]; e, de [N,2C]. Any extents. y, dx, de may lie over an input of their shape.
// Threads  panel.cuh: a thread stays with its channels and walks over the pixels of one image, so scale, shift and sums live in
//          its registers. Grid (x, images), any x with x * blockDim.x < 2^31; blockDim.x at most 256.
// Bytes    modulate 8 per element, backward 12.
// Numbers  each thread sums its pixels, then the rows of the panel are added four at a time: fixed order.
#include "panel.cuh"

extern "C" __global__ void __launch_bounds__(256, 4) modulate_f32(
        const float* x,
        const float* e,
        float* y,
        int images,
        int pixels,
        int c) {
    with_width<float>(pack_width<float>((size_t) x | (size_t) e | (size_t) y | (size_t) c * sizeof(x[0])), [&](auto w) {
        constexpr int W = decltype(w)::value;
        Panel p = panel_over(c / W);
        if (p.row >= p.rows) {
            return;
        }
        for (int image = blockIdx.y; image < images; image += gridDim.y) {
            for (int pack = p.column; pack < c / W; pack += p.columns) {
                Pack<float, W> scale = load_pack<W>(e + (size_t) image * 2 * c + pack * W);
                Pack<float, W> shift = load_pack<W>(e + ((size_t) image * 2 + 1) * c + pack * W);
                for (unsigned pixel = blockIdx.x * p.rows + p.row; pixel < pixels; pixel += gridDim.x * p.rows) {
                    size_t at = ((size_t) image * pixels + pixel) * c + pack * W;
                    Pack<float, W> v = load_pack<W>(x + at);
#pragma unroll
                    for (int i = 0; i < W; i++) {
                        v.at[i] = v.at[i] * (1 + scale.at[i]) + shift.at[i];
                    }
                    store_pack(y + at, v);
                }
            }
        }
    });
}

// Block x takes the packs x * packs_per_block .. of a pixel, at most blockDim.x of them.
template <int W>
__device__ __forceinline__ void modulate_backward_block(
        const float* x,
        const float* e,
        const float* dy,
        float* dx,
        float* de,
        int images,
        int pixels,
        int c,
        int packs_per_block,
        float* shared) {
    Panel p = panel_over(packs_per_block);
    int pack = blockIdx.x * packs_per_block + p.column;
    bool works = p.row < p.rows && pack < c / W;
    for (int image = blockIdx.y; image < images; image += gridDim.y) {
        float sums[2 * W] = {};
        size_t scale_at = (size_t) image * 2 * c + pack * W;
        if (works) {
            Pack<float, W> scale = load_pack<W>(e + scale_at);
            for (int pixel = p.row; pixel < pixels; pixel += p.rows) {
                size_t at = ((size_t) image * pixels + pixel) * c + pack * W;
                Pack<float, W> v = load_pack<W>(x + at);
                Pack<float, W> d = load_pack<W>(dy + at);
#pragma unroll
                for (int i = 0; i < W; i++) {
                    sums[i] += d.at[i] * v.at[i];
                    sums[W + i] += d.at[i];
                    d.at[i] *= 1 + scale.at[i];
                }
                store_pack(dx + at, d);
            }
        }
        sum_rows(sums, p, shared);
        if (works && p.row == 0) {
            Pack<float, W> scale;
            Pack<float, W> shift;
#pragma unroll
            for (int i = 0; i < W; i++) {
                scale.at[i] = sums[i];
                shift.at[i] = sums[W + i];
            }
            store_pack(de + scale_at, scale);
            store_pack(de + scale_at + c, shift);
        }
    }
}

// width elements move at once: it divides c, and addresses are multiples of width * 4.
extern "C" __global__ void __launch_bounds__(256) modulate_backward_f32(
        const float* x,
        const float* e,
        const float* dy,
        float* dx,
        float* de,
        int images,
        int pixels,
        int c,
        int packs_per_block,
        int width) {
    __shared__ float shared[8 * 256];
    with_width<float>(width, [&](auto w) {
        modulate_backward_block<decltype(w)::value>(x, e, dy, dx, de, images, pixels, c, packs_per_block, shared);
    });
}

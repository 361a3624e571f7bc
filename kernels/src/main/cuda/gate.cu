// gate.cu: a branch added in a share of each channel, which a condition sets, and the gradients; float32.
//   y[n,h,w,c] = x[n,h,w,c] + g[n,c] b[n,h,w,c]
//   db[n,h,w,c] = g[n,c] dy[n,h,w,c]   dg[n,c] = sum over h, w of dy b   dx is dy      Peebles & Xie 2023, section 3.2
// Shapes   x, b, y, dy, db [N,H,W,C]; g, dg [N,C]. Any extents. y and db may lie over an input of their shape.
// Threads  panel.cuh: a thread stays with its channels and walks over the pixels of one image, so gate and sums live in its
//          registers. Grid (x, images), any x with x * blockDim.x < 2^31; blockDim.x at most 256.
// Bytes    12 per element, backward 12.
// Numbers  each thread sums its pixels, then the rows of the panel are added four at a time: fixed order.
#include "panel.cuh"

extern "C" __global__ void __launch_bounds__(256, 4) add_gated_f32(
        const float* x,
        const float* b,
        const float* g,
        float* y,
        int images,
        int pixels,
        int c) {
    size_t addresses = (size_t) x | (size_t) b | (size_t) g | (size_t) y;
    with_width<float>(pack_width<float>(addresses | (size_t) c * sizeof(x[0])), [&](auto w) {
        constexpr int W = decltype(w)::value;
        Panel p = panel_over(c / W);
        if (p.row >= p.rows) {
            return;
        }
        for (int image = blockIdx.y; image < images; image += gridDim.y) {
            for (int pack = p.column; pack < c / W; pack += p.columns) {
                Pack<float, W> gate = load_pack<W>(g + (size_t) image * c + pack * W);
                for (unsigned pixel = blockIdx.x * p.rows + p.row; pixel < pixels; pixel += gridDim.x * p.rows) {
                    size_t at = ((size_t) image * pixels + pixel) * c + pack * W;
                    Pack<float, W> v = load_pack<W>(x + at);
                    Pack<float, W> branch = load_pack<W>(b + at);
#pragma unroll
                    for (int i = 0; i < W; i++) {
                        v.at[i] += gate.at[i] * branch.at[i];
                    }
                    store_pack(y + at, v);
                }
            }
        }
    });
}

// Block x takes the packs x * packs_per_block .. of a pixel, at most blockDim.x of them.
template <int W>
__device__ __forceinline__ void add_gated_backward_block(
        const float* b,
        const float* g,
        const float* dy,
        float* db,
        float* dg,
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
        size_t gate_at = (size_t) image * c + pack * W;
        if (works) {
            Pack<float, W> gate = load_pack<W>(g + gate_at);
            for (int pixel = p.row; pixel < pixels; pixel += p.rows) {
                size_t at = ((size_t) image * pixels + pixel) * c + pack * W;
                Pack<float, W> v = load_pack<W>(b + at);
                Pack<float, W> d = load_pack<W>(dy + at);
#pragma unroll
                for (int i = 0; i < W; i++) {
                    sums[i] += d.at[i] * v.at[i];
                    d.at[i] *= gate.at[i];
                }
                store_pack(db + at, d);
            }
        }
        sum_rows(sums, p, shared);
        if (works && p.row == 0) {
            Pack<float, W> sum;
#pragma unroll
            for (int i = 0; i < W; i++) {
                sum.at[i] = sums[i];
            }
            store_pack(dg + gate_at, sum);
        }
    }
}

// width elements move at once: it divides c, and addresses are multiples of width * 4.
extern "C" __global__ void __launch_bounds__(256, 4) add_gated_backward_f32(
        const float* b,
        const float* g,
        const float* dy,
        float* db,
        float* dg,
        int images,
        int pixels,
        int c,
        int packs_per_block,
        int width) {
    __shared__ float shared[4 * 256];
    with_width<float>(width, [&](auto w) {
        add_gated_backward_block<decltype(w)::value>(b, g, dy, db, dg, images, pixels, c, packs_per_block, shared);
    });
}

// pad.cu: zeros around images, and the inside of images; float32 and bf16 elements.
//   y[n,h,w,c] = x[n,h-top,w-left,c] where that lies inside x, else 0
// Shapes   x [images,hx,wx,c], y [images,hy,wy,c]. Padding has top, left >= 0; cropping is the same with the negative.
// Threads  panel.cuh over the pixels of one image of y, in strides of the grid (x, images), any x with
//          x * blockDim.x < 2^31.
// Bytes    8 per element that is copied in float32, 4 per zero.
#include "panel.cuh"

template <typename T, int W>
__device__ __forceinline__ void pad_block(
        const T* __restrict__ x, T* __restrict__ y, int images, int hx, int wx, int hy, int wy, int top, int left, int c) {
    Panel p = panel_over(c / W);
    if (p.row >= p.rows) {
        return;
    }
    for (int image = blockIdx.y; image < images; image += gridDim.y) {
        for (unsigned pixel = blockIdx.x * p.rows + p.row; pixel < hy * wy; pixel += gridDim.x * p.rows) {
            int h = (int) (pixel / wy) - top;
            int w = (int) (pixel % wy) - left;
            bool inside = h >= 0 && h < hx && w >= 0 && w < wx;
            const T* from = x + (((size_t) image * hx + (inside ? h : 0)) * wx + (inside ? w : 0)) * c;
            T* to = y + ((size_t) image * hy * wy + pixel) * c;
            for (int pack = p.column; pack < c / W; pack += p.columns) {
                store_pack(to + pack * W, inside ? load_pack<W>(from + pack * W) : Pack<T, W>{});
            }
        }
    }
}

extern "C" __global__ void __launch_bounds__(256, 4) pad_f32(
        const float* __restrict__ x,
        float* __restrict__ y,
        int images,
        int hx,
        int wx,
        int hy,
        int wy,
        int top,
        int left,
        int c) {
    with_width<float>(pack_width<float>((size_t) x | (size_t) y | (size_t) c * sizeof(x[0])), [&](auto w) {
        pad_block<float, decltype(w)::value>(x, y, images, hx, wx, hy, wy, top, left, c);
    });
}

extern "C" __global__ void __launch_bounds__(256, 4) pad_bf16(
        const bf16* __restrict__ x,
        bf16* __restrict__ y,
        int images,
        int hx,
        int wx,
        int hy,
        int wy,
        int top,
        int left,
        int c) {
    with_width<bf16>(pack_width<bf16>((size_t) x | (size_t) y | (size_t) c * sizeof(x[0])), [&](auto w) {
        pad_block<bf16, decltype(w)::value>(x, y, images, hx, wx, hy, wy, top, left, c);
    });
}

// upsample.cu: images of twice the height and width by their nearest neighbours, and the gradient; float32.
//   upsample: y[n,2h+i,2w+j,c] = x[n,h,w,c] for i, j of 0 and 1   backward: dx[n,h,w,c] = sum over i, j of dy[n,2h+i,2w+j,c]
// Shapes   x, dx [images,h,w,c], y, dy [images,2h,2w,c]. Any extents.
// Threads  panel.cuh over the pixels of one image of x, in strides of the grid (x, images), any x with
//          x * blockDim.x < 2^31.
// Bytes    20 per element of x: upsample reads 4 and writes 16, backward reads 16 and writes 4.
// Numbers  (upper left + upper right) + (lower left + lower right): the bits of CpuLayout.
#include "panel.cuh"

// f(small, upper, lower) for each pack of each pixel of the small image: where it begins there, and in the two rows of the large
// image that lie over it, whose right pixel is c elements further.
template <int W, typename F>
__device__ __forceinline__ void each_square(int images, int h, int w, int c, F f) {
    Panel p = panel_over(c / W);
    if (p.row >= p.rows) {
        return;
    }
    for (int image = blockIdx.y; image < images; image += gridDim.y) {
        for (unsigned pixel = blockIdx.x * p.rows + p.row; pixel < h * w; pixel += gridDim.x * p.rows) {
            size_t row = (size_t) image * h + pixel / w;
            for (int pack = p.column; pack < c / W; pack += p.columns) {
                size_t small = (row * w + pixel % w) * c + pack * W;
                size_t large = (4 * row * w + 2 * (pixel % w)) * c + pack * W;
                f(small, large, large + (size_t) 2 * w * c);
            }
        }
    }
}

extern "C" __global__ void __launch_bounds__(256, 4) upsample_f32(
        const float* __restrict__ x,
        float* __restrict__ y,
        int images,
        int h,
        int w,
        int c) {
    with_width<float>(pack_width<float>((size_t) x | (size_t) y | (size_t) c * sizeof(x[0])), [&](auto width) {
        constexpr int W = decltype(width)::value;
        each_square<W>(images, h, w, c, [&](size_t small, size_t upper, size_t lower) {
            Pack<float, W> v = load_pack<W>(x + small);
            store_pack(y + upper, v);
            store_pack(y + upper + c, v);
            store_pack(y + lower, v);
            store_pack(y + lower + c, v);
        });
    });
}

extern "C" __global__ void __launch_bounds__(256, 4) upsample_backward_f32(
        const float* __restrict__ dy,
        float* __restrict__ dx,
        int images,
        int h,
        int w,
        int c) {
    with_width<float>(pack_width<float>((size_t) dy | (size_t) dx | (size_t) c * sizeof(dy[0])), [&](auto width) {
        constexpr int W = decltype(width)::value;
        each_square<W>(images, h, w, c, [&](size_t small, size_t upper, size_t lower) {
            Pack<float, W> a = load_pack<W>(dy + upper);
            Pack<float, W> b = load_pack<W>(dy + upper + c);
            Pack<float, W> d = load_pack<W>(dy + lower);
            Pack<float, W> e = load_pack<W>(dy + lower + c);
#pragma unroll
            for (int i = 0; i < W; i++) {
                a.at[i] = (a.at[i] + b.at[i]) + (d.at[i] + e.at[i]);
            }
            store_pack(dx + small, a);
        });
    });
}

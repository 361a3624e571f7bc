// unfold.cu: a convolution as a matrix product, for shapes of which cuDNN has no deterministic algorithm; float32.
//   unfold  rows[n,p,q,r,s,c] = x[n, p*stride_h - padding_h + r, q*stride_w - padding_w + s, c], 0 outside the image
//   fold    dx[n,h,w,c] = sum over r, s of rows[n,p,q,r,s,c] where h = p*stride_h - padding_h + r, likewise w
//   so y = rows w^T, dw = dy^T rows and dx = fold(dy w), the products by cuBLAS          Chellapilla et al. 2006
// Shapes   x, dx [images,height,width,channels]; rows [images*rows*columns, kernel_h*kernel_w*channels], so many of y.
//          Any stride and padding. Of one image height*width and rows*columns*kernel_h*kernel_w are below 2^30.
// Threads  panel.cuh over the channels of one image's elements of windows (unfold) or pixels (fold), in strides of the
//          grid (x, images), any x with x * blockDim.x < 2^30.
// Bytes    unfold 4 written per element of rows, 4 read per element inside the image, mostly from L2: neighbouring
//          windows share them. fold 4 read per element of rows, 4 written per element of dx.
// Numbers  fold adds in the order of r, then s: a gather, no atomics.
#include "panel.cuh"

// Geometry of a convolution from x to y. Java lays it out in ddpm.engine.backend.cuda.conv.UnfoldKernels.
struct Windows {
    int images;
    int height;    // of x
    int width;
    int channels;
    int rows;      // of y
    int columns;
    int kernel_h;
    int kernel_w;
    int stride_h;
    int stride_w;
    int padding_h;
    int padding_w;
};

template <int W>
__device__ __forceinline__ void unfold_block(const float* __restrict__ x, float* __restrict__ rows, const Windows& g) {
    Panel p = panel_over(g.channels / W);
    if (p.row >= p.rows) {
        return;
    }
    int taps = g.kernel_h * g.kernel_w;
    int count = g.rows * g.columns * taps;
    for (int image = blockIdx.y; image < g.images; image += gridDim.y) {
        const float* from = x + (size_t) image * g.height * g.width * g.channels;
        float* to = rows + (size_t) image * count * g.channels;
        for (int i = blockIdx.x * p.rows + p.row; i < count; i += gridDim.x * p.rows) {
            int pixel = i / taps;
            int tap = i % taps;
            int h = pixel / g.columns * g.stride_h - g.padding_h + tap / g.kernel_w;
            int w = pixel % g.columns * g.stride_w - g.padding_w + tap % g.kernel_w;
            bool inside = h >= 0 && h < g.height && w >= 0 && w < g.width;
            const float* at = from + ((size_t) (inside ? h : 0) * g.width + (inside ? w : 0)) * g.channels;
            for (int pack = p.column; pack < g.channels / W; pack += p.columns) {
                store_pack(to + (size_t) i * g.channels + pack * W, inside ? load_pack<W>(at + pack * W) : Pack<float, W>{});
            }
        }
    }
}

// The windows that hold a coordinate of x: by rising r (or s), from the first that leads to a place of y, in steps of the
// stride, along which the place of y falls.
struct Taps {
    int first;
    int place;     // of y, for the first

    __device__ Taps(int at, int padding, int stride, int places) {
        int shifted = at + padding;
        first = shifted % stride;
        place = shifted / stride;
        if (place >= places) {
            first += (place - places + 1) * stride;
            place = places - 1;
        }
    }
};

template <int W>
__device__ __forceinline__ void fold_block(const float* __restrict__ rows, float* __restrict__ dx, const Windows& g) {
    Panel p = panel_over(g.channels / W);
    if (p.row >= p.rows) {
        return;
    }
    int taps = g.kernel_h * g.kernel_w;
    int count = g.height * g.width;
    for (int image = blockIdx.y; image < g.images; image += gridDim.y) {
        const float* from = rows + (size_t) image * g.rows * g.columns * taps * g.channels;
        float* to = dx + (size_t) image * count * g.channels;
        for (int i = blockIdx.x * p.rows + p.row; i < count; i += gridDim.x * p.rows) {
            Taps down(i / g.width, g.padding_h, g.stride_h, g.rows);
            Taps across(i % g.width, g.padding_w, g.stride_w, g.columns);
            for (int pack = p.column; pack < g.channels / W; pack += p.columns) {
                Pack<float, W> sum{};
                for (int r = down.first, row = down.place; r < g.kernel_h && row >= 0; r += g.stride_h, row--) {
                    for (int s = across.first, column = across.place; s < g.kernel_w && column >= 0;
                            s += g.stride_w, column--) {
                        size_t at = ((size_t) row * g.columns + column) * taps + r * g.kernel_w + s;
                        Pack<float, W> term = load_pack<W>(from + at * g.channels + pack * W);
#pragma unroll
                        for (int k = 0; k < W; k++) {
                            sum.at[k] += term.at[k];
                        }
                    }
                }
                store_pack(to + (size_t) i * g.channels + pack * W, sum);
            }
        }
    }
}

extern "C" __global__ void __launch_bounds__(256, 4) unfold(
        const float* __restrict__ x,
        float* __restrict__ rows,           // out
        Windows g) {
    with_width<float>(pack_width<float>((size_t) x | (size_t) rows | (size_t) g.channels * sizeof(float)), [&](auto w) {
        unfold_block<decltype(w)::value>(x, rows, g);
    });
}

extern "C" __global__ void __launch_bounds__(256, 4) fold(
        const float* __restrict__ rows,
        float* __restrict__ dx,             // out
        Windows g) {
    with_width<float>(pack_width<float>((size_t) rows | (size_t) dx | (size_t) g.channels * sizeof(float)), [&](auto w) {
        fold_block<decltype(w)::value>(rows, dx, g);
    });
}

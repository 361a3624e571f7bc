// pool.cu: maxima and means of windows of images, and their gradients; float32, NHWC.
//   max   y[n,i,j,c] = the largest of x[n,i*down+k,j*across+l,c], k < rows, l < columns   place = k*columns+l of the first such
//   mean  y[n,i,j,c] = sum of them * share
//   backward   dx[n,h,w,c] = sum of dy over the windows whose place is (h,w); mean: over all that hold (h,w), * share
// Shapes   x, dx [images,h,w,c], y, dy, place [images,hy,wy,c]; place one byte each. (hy-1)*down+rows <= h, alike across.
// Threads  panel.cuh over the pixels of one image of the result, in strides of the grid (x, images), any x with
//          x * blockDim.x < 2^31. A pixel of dx gathers from its windows: no atomics.
// Bytes    of windows side by side: max 4 of x, 5 of y; mean 4 of x, 4 of y; backward 4 of dx, 4 of dy (5 with places).
//          Windows that overlap are read once from memory, then from L2.
// Numbers  sums row by row from the first window or pixel: the bits of CpuPool. NaN is the largest.
#include "panel.cuh"

typedef unsigned char Place;

// f(image, row, column, channel) for each pack of each pixel of the result.
template <int W, typename F>
__device__ __forceinline__ void each_result(int images, int h, int w, int c, F f) {
    Panel p = panel_over(c / W);
    if (p.row >= p.rows) {
        return;
    }
    for (int image = blockIdx.y; image < images; image += gridDim.y) {
        for (unsigned pixel = blockIdx.x * p.rows + p.row; pixel < h * w; pixel += gridDim.x * p.rows) {
            for (int pack = p.column; pack < c / W; pack += p.columns) {
                f(image, (int) (pixel / w), (int) (pixel % w), pack * W);
            }
        }
    }
}

// The first row (or column) of windows that holds row h of the image.
__device__ __forceinline__ int first_window(int h, int rows, int down) {
    return h < rows ? 0 : (h - rows) / down + 1;
}

extern "C" __global__ void __launch_bounds__(256, 4) max_pool_f32(
        const float* __restrict__ x,
        float* __restrict__ y,
        Place* __restrict__ place,
        int images,
        int h,
        int w,
        int c,
        int hy,
        int wy,
        int rows,
        int columns,
        int down,
        int across) {
    size_t bits = (size_t) x | (size_t) y | (size_t) place * sizeof(x[0]) | (size_t) c * sizeof(x[0]);
    with_width<float>(pack_width<float>(bits), [&](auto width) {
        constexpr int W = decltype(width)::value;
        each_result<W>(images, hy, wy, c, [&](int image, int i, int j, int channel) {
            const float* window = x + (((size_t) image * h + i * down) * w + j * across) * c + channel;
            Pack<float, W> best = load_pack<W>(window);
            Pack<Place, W> where = {};
            for (int k = 0; k < rows; k++) {
#pragma unroll 2    // more at once and registers spill
                for (int l = 0; l < columns; l++) {
                    Pack<float, W> v = load_pack<W>(window + ((size_t) k * w + l) * c);
#pragma unroll
                    for (int e = 0; e < W; e++) {
                        bool larger = !(v.at[e] <= best.at[e]) && best.at[e] == best.at[e];
                        where.at[e] = larger ? (Place) (k * columns + l) : where.at[e];
                        best.at[e] = larger ? v.at[e] : best.at[e];
                    }
                }
            }
            size_t to = (((size_t) image * hy + i) * wy + j) * c + channel;
            store_pack(y + to, best);
            store_pack(place + to, where);
        });
    });
}

extern "C" __global__ void __launch_bounds__(256, 4) max_pool_backward_f32(
        const Place* __restrict__ place,
        const float* __restrict__ dy,
        float* __restrict__ dx,
        int images,
        int h,
        int w,
        int c,
        int hy,
        int wy,
        int rows,
        int columns,
        int down,
        int across) {
    size_t bits = (size_t) dx | (size_t) dy | (size_t) place * sizeof(dx[0]) | (size_t) c * sizeof(dx[0]);
    with_width<float>(pack_width<float>(bits), [&](auto width) {
        constexpr int W = decltype(width)::value;
        each_result<W>(images, h, w, c, [&](int image, int row, int column, int channel) {
            Pack<float, W> sum = {};
            for (int i = first_window(row, rows, down); i < hy && i * down <= row; i++) {
                for (int j = first_window(column, columns, across); j < wy && j * across <= column; j++) {
                    int here = (row - i * down) * columns + column - j * across;
                    size_t from = (((size_t) image * hy + i) * wy + j) * c + channel;
                    Pack<Place, W> where = load_pack<W>(place + from);
                    Pack<float, W> slope = load_pack<W>(dy + from);
#pragma unroll
                    for (int e = 0; e < W; e++) {
                        sum.at[e] += where.at[e] == here ? slope.at[e] : 0.0f;
                    }
                }
            }
            store_pack(dx + (((size_t) image * h + row) * w + column) * c + channel, sum);
        });
    });
}

extern "C" __global__ void __launch_bounds__(256, 4) mean_pool_f32(
        const float* __restrict__ x,
        float* __restrict__ y,
        int images,
        int h,
        int w,
        int c,
        int hy,
        int wy,
        int rows,
        int columns,
        int down,
        int across,
        float share) {
    with_width<float>(pack_width<float>((size_t) x | (size_t) y | (size_t) c * sizeof(x[0])), [&](auto width) {
        constexpr int W = decltype(width)::value;
        each_result<W>(images, hy, wy, c, [&](int image, int i, int j, int channel) {
            const float* window = x + (((size_t) image * h + i * down) * w + j * across) * c + channel;
            Pack<float, W> sum = {};
            for (int k = 0; k < rows; k++) {
#pragma unroll 2    // more at once and registers spill
                for (int l = 0; l < columns; l++) {
                    Pack<float, W> v = load_pack<W>(window + ((size_t) k * w + l) * c);
#pragma unroll
                    for (int e = 0; e < W; e++) {
                        sum.at[e] += v.at[e];
                    }
                }
            }
#pragma unroll
            for (int e = 0; e < W; e++) {
                sum.at[e] *= share;
            }
            store_pack(y + (((size_t) image * hy + i) * wy + j) * c + channel, sum);
        });
    });
}

extern "C" __global__ void __launch_bounds__(256, 4) mean_pool_backward_f32(
        const float* __restrict__ dy,
        float* __restrict__ dx,
        int images,
        int h,
        int w,
        int c,
        int hy,
        int wy,
        int rows,
        int columns,
        int down,
        int across,
        float share) {
    with_width<float>(pack_width<float>((size_t) dy | (size_t) dx | (size_t) c * sizeof(dx[0])), [&](auto width) {
        constexpr int W = decltype(width)::value;
        each_result<W>(images, h, w, c, [&](int image, int row, int column, int channel) {
            Pack<float, W> sum = {};
            for (int i = first_window(row, rows, down); i < hy && i * down <= row; i++) {
                for (int j = first_window(column, columns, across); j < wy && j * across <= column; j++) {
                    Pack<float, W> slope = load_pack<W>(dy + (((size_t) image * hy + i) * wy + j) * c + channel);
#pragma unroll
                    for (int e = 0; e < W; e++) {
                        sum.at[e] += slope.at[e];
                    }
                }
            }
#pragma unroll
            for (int e = 0; e < W; e++) {
                sum.at[e] *= share;
            }
            store_pack(dx + (((size_t) image * h + row) * w + column) * c + channel, sum);
        });
    });
}

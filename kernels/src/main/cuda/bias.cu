// bias.cu: what stands around the matrix products of cuBLAS and the convolutions of cuDNN: bias, its gradient, casts.
//   add_bias         y[i,j] += b[j]
//   add_bias_bf16    y[i,j] = x[i,j] + b[j]            x in bf16, y in float
//   sum_rows         y[p,j] = sum of a[i,j] over the rows i of part p
//   cast_to_bf16     y = bf16(x)
//   cast_from_bf16   y = float(x)
//   cast_round_bf16  y = float(bf16(x))
// Shapes   [rows,columns], an activation [N,H,W,C] as [N*H*W,C]; b [columns]; sum_rows y [parts,columns].
// Threads  four elements each where addresses (and columns) allow, else two or one, in strides of the grid; any grid.
//          sum_rows: block (p,t) takes rows p*rows_per_part.. of column tile t; its B threads are B/width rows of width
//          columns, thread row r adds rows r, r+B/width, ... Needs B % width == 0, width a power of two.
// Bytes    add_bias 8 per element, add_bias_bf16 6, casts 6 (cast_round_bf16 8), sum_rows 4: all bound by memory.
// Numbers  sum_rows runs twice, over parts of the rows and then over the parts: sums of at most a few hundred terms each
//          instead of one of 50000. How the rows are split depends on their number alone, so the order is fixed. No atomics.
#include "map.cuh"

// The column of the packs first, first + step, ...: divides twice per thread, not once per pack.
struct Column {
    int at;
    int step;
    int columns;

    __device__ Column(size_t first, size_t step, int columns)
        : at((int) (first % columns)), step((int) (step % columns)), columns(columns) {
    }

    __device__ void next() {
        at += step;
        at = at >= columns ? at - columns : at;
    }
};

// y = x + b, W neighbours at once; y may be x.
template <int W, typename X>
__device__ __forceinline__ void add_bias_packs(const X* x, const float* b, float* y, size_t count, int columns) {
    size_t first = (size_t) blockIdx.x * blockDim.x + threadIdx.x;
    size_t step = (size_t) gridDim.x * blockDim.x;
    Column column(first, step, columns / W);
    for (size_t i = first; i < count / W; i += step) {
        Pack<X, W> in = load_pack<W>(x + i * W);
        Pack<float, W> add = load_pack<W>(b + column.at * W);
        Pack<float, W> sum;
#pragma unroll
        for (int k = 0; k < W; k++) {
            sum.at[k] = to_float(in.at[k]) + add.at[k];
        }
        store_pack(y + i * W, sum);
        column.next();
    }
}

template <typename X>
__device__ __forceinline__ void add_bias_rows(const X* x, const float* b, float* y, size_t count, int columns) {
    size_t bits = (size_t) x | (size_t) b | (size_t) y | (size_t) columns * sizeof(float);
    with_width<float>(pack_width<float>(bits), [&](auto w) {
        add_bias_packs<decltype(w)::value>(x, b, y, count, columns);
    });
}

extern "C" __global__ void __launch_bounds__(256) add_bias(
        float* y,                           // in and out, [rows,columns]
        const float* __restrict__ b,        // in, [columns]
        size_t count,                       // rows * columns
        int columns) {
    add_bias_rows(y, b, y, count, columns);
}

extern "C" __global__ void __launch_bounds__(256) add_bias_bf16(
        const bf16* __restrict__ x,         // in, [rows,columns]
        const float* __restrict__ b,        // in, [columns]
        float* __restrict__ y,              // out, [rows,columns]
        size_t count,                       // rows * columns
        int columns) {
    add_bias_rows(x, b, y, count, columns);
}

extern "C" __global__ void __launch_bounds__(256) sum_rows(
        const float* __restrict__ a,        // in, [rows,columns]
        float* __restrict__ y,              // out, [parts,columns]; gridDim.x parts
        int rows,
        int columns,
        int rows_per_part,
        int width) {                        // columns of a tile
    __shared__ float sums[256];
    int lane = threadIdx.x % width;
    int row = threadIdx.x / width;
    int step = blockDim.x / width;
    int column = blockIdx.y * width + lane;
    long long first = (long long) blockIdx.x * rows_per_part;
    int end = (int) min(first + rows_per_part, (long long) rows);
    float sum = 0.0f;
    if (column < columns) {
        for (int i = (int) first + row; i < end; i += step) {
            sum += a[(size_t) i * columns + column];
        }
    }
    sums[threadIdx.x] = sum;
    for (int half = step / 2; half > 0; half /= 2) {
        __syncthreads();
        if (row < half) {
            sums[threadIdx.x] += sums[threadIdx.x + half * width];
        }
    }
    if (row == 0 && column < columns) {
        y[(size_t) blockIdx.x * columns + column] = sums[threadIdx.x];
    }
}

extern "C" __global__ void __launch_bounds__(256) cast_to_bf16(
        const float* x,                     // in, [count]
        bf16* y,                            // out, [count]
        size_t count) {
    cast(count, x, y);
}

extern "C" __global__ void __launch_bounds__(256) cast_from_bf16(
        const bf16* x,                      // in, [count]
        float* y,                           // out, [count]
        size_t count) {
    cast(count, x, y);
}

extern "C" __global__ void __launch_bounds__(256) cast_round_bf16(
        const float* x,                     // in, [count]
        float* y,                           // out, [count]
        size_t count) {
    map(count, x, y, [](float v) { return to_float(to_bf16(v)); });
}

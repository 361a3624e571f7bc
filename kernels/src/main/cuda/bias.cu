// bias.cu: what stands around the matrix products of cuBLAS and the convolutions of cuDNN: bias, its gradient, casts.
//   add_bias         y[i,j] += b[j]
//   add_bias_bf16    y[i,j] = x[i,j] + b[j]            x in bf16, y in float
//   sum_rows         y[p,j] = sum of a[i,j] over the rows i of part p
//   cast_to_bf16     y = bf16(x)
//   cast_from_bf16   y = float(x)
//   cast_round_bf16  y = float(bf16(x))
// Shapes   [rows,columns], an activation [N,H,W,C] as [N*H*W,C]; b [columns]; sum_rows y [parts,columns].
// Threads  element by element: a grid of any size walks over the elements, neighbours in neighbouring threads.
//          sum_rows: block (p,t) takes rows p*rows_per_part.. of column tile t; its B threads are B/width rows of width
//          columns, thread row r adds rows r, r+B/width, ... Needs B % width == 0, width a power of two.
// Bytes    add_bias 8 per element, add_bias_bf16 6, casts 6 (cast_round_bf16 8), sum_rows 4: all bound by memory.
// Numbers  sum_rows runs twice, over parts of the rows and then over the parts: sums of at most a few hundred terms each
//          instead of one of 50000. How the rows are split depends on their number alone, so the order is fixed. No atomics.
#include "device.cuh"

// The column of the elements first, first + step, ...: divides twice per thread, not once per element.
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

extern "C" __global__ void __launch_bounds__(256) add_bias(
        float* __restrict__ y,              // in and out, [rows,columns]
        const float* __restrict__ b,        // in, [columns]
        size_t count,                       // rows * columns
        int columns) {
    size_t first = (size_t) blockIdx.x * blockDim.x + threadIdx.x;
    size_t step = (size_t) gridDim.x * blockDim.x;
    Column column(first, step, columns);
    for (size_t i = first; i < count; i += step) {
        y[i] += b[column.at];
        column.next();
    }
}

extern "C" __global__ void __launch_bounds__(256) add_bias_bf16(
        const bf16* __restrict__ x,         // in, [rows,columns]
        const float* __restrict__ b,        // in, [columns]
        float* __restrict__ y,              // out, [rows,columns]
        size_t count,                       // rows * columns
        int columns) {
    size_t first = (size_t) blockIdx.x * blockDim.x + threadIdx.x;
    size_t step = (size_t) gridDim.x * blockDim.x;
    Column column(first, step, columns);
    for (size_t i = first; i < count; i += step) {
        y[i] = to_float(x[i]) + b[column.at];
        column.next();
    }
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
    int end = (int) (first + rows_per_part < rows ? first + rows_per_part : rows);
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
        const float* __restrict__ x,        // in, [count]
        bf16* __restrict__ y,               // out, [count]
        size_t count) {
    size_t step = (size_t) gridDim.x * blockDim.x;
    for (size_t i = (size_t) blockIdx.x * blockDim.x + threadIdx.x; i < count; i += step) {
        y[i] = to_bf16(x[i]);
    }
}

extern "C" __global__ void __launch_bounds__(256) cast_from_bf16(
        const bf16* __restrict__ x,         // in, [count]
        float* __restrict__ y,              // out, [count]
        size_t count) {
    size_t step = (size_t) gridDim.x * blockDim.x;
    for (size_t i = (size_t) blockIdx.x * blockDim.x + threadIdx.x; i < count; i += step) {
        y[i] = to_float(x[i]);
    }
}

extern "C" __global__ void __launch_bounds__(256) cast_round_bf16(
        const float* __restrict__ x,        // in, [count]
        float* __restrict__ y,              // out, [count]
        size_t count) {
    size_t step = (size_t) gridDim.x * blockDim.x;
    for (size_t i = (size_t) blockIdx.x * blockDim.x + threadIdx.x; i < count; i += step) {
        y[i] = to_float(to_bf16(x[i]));
    }
}

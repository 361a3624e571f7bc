// label.cu: labels of images: their rows of a table, and those of a training batch.
//   label_embedding            y[i,d] = table[label[i],d]; 0 where the label is -1; NaN where the table has no such row
//   label_embedding_backward   dtable[k,d] = sum of dy[i,d] over the i whose label is k
//   label_draw                 label[i] = labels[permutation(seed, epoch)[position + i]], or -1 where row i's 32 random bits are
//                              below `threshold`: the label dropout of Ho & Salimans 2022, algorithm 1
// Shapes   label [n], labels [images]; table [classes,dim], y and dy [n,dim], float32; any extents.
// Threads  one for each element of the result, in strides of the grid; any grid.
// Bytes    embedding: 4 read, 4 written per element. backward: 4 read of each dy, 4 written per element of the table; every
//          thread looks at all n labels, which stay in L1. draw: 4 read, 4 written per row.
// Numbers  sums in float32, i ascending, no atomics: the bits of CpuLabel. A row past the end of the epoch has no label.
#include "philox.cuh"

extern "C" __global__ void __launch_bounds__(256) label_embedding(
        const int* __restrict__ label,
        const float* __restrict__ table,
        float* __restrict__ y,
        int n,
        int classes,
        int dim) {
    long long count = (long long)n * dim;
    for (long long i = (long long)blockIdx.x * blockDim.x + threadIdx.x; i < count;
            i += (long long)gridDim.x * blockDim.x) {
        int row = label[i / dim];
        float value = row == -1 ? 0.0f : __int_as_float(0x7FC00000);
        if (row >= 0 && row < classes) {
            value = table[(size_t)row * dim + i % dim];
        }
        y[i] = value;
    }
}

extern "C" __global__ void __launch_bounds__(256) label_embedding_backward(
        const int* __restrict__ label,
        const float* __restrict__ dy,
        float* __restrict__ dtable,
        int n,
        int classes,
        int dim) {
    long long count = (long long)classes * dim;
    for (long long i = (long long)blockIdx.x * blockDim.x + threadIdx.x; i < count;
            i += (long long)gridDim.x * blockDim.x) {
        int row = (int)(i / dim);
        int d = (int)(i % dim);
        float sum = 0.0f;
        for (int k = 0; k < n; k++) {
            if (label[k] == row) {
                sum = __fadd_rn(sum, dy[(size_t)k * dim + d]);
            }
        }
        dtable[i] = sum;
    }
}

extern "C" __global__ void __launch_bounds__(256) label_draw(
        const int* __restrict__ numbers,  // BatchNumbers: epoch, position of row 0, step, first row
        const int* __restrict__ labels,
        int* __restrict__ label,
        unsigned long long seed,
        unsigned long long threshold,  // of 2^32
        int drop_stream,
        int image_count,
        int n) {
    for (int i = (int)(blockIdx.x * blockDim.x + threadIdx.x); i < n; i += (int)(gridDim.x * blockDim.x)) {
        unsigned position = (unsigned)numbers[1] + (unsigned)i;
        unsigned row = (unsigned)numbers[3] + (unsigned)i;
        unsigned bits = philox(seed, (unsigned)drop_stream, row, (unsigned)numbers[2], 0).x;
        int of = -1;
        if (bits >= threshold && position < (unsigned)image_count) {
            of = labels[permuted(position, (unsigned)image_count, seed, (unsigned)numbers[0])];
        }
        label[i] = of;
    }
}

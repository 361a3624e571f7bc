// dropout.cu: values that are left out by chance, the others larger for it; float32. Srivastava et al. 2014, section 4.
//   y[i,j] = bits < threshold ? 0 : factor x[i,j]   bits: word j % 4 of block j / 4 of (seed, stream, first row + i, step)
// Shapes   x, y [rows,length], any extents; y may be x. numbers: BatchNumbers.
// Threads  a block takes part blockIdx.x % parts of row blockIdx.x / parts, a thread four values of it: one block of Philox.
// Bytes    4 read, 4 written per value; nothing is kept, the backward draws the same bits again.
// Numbers  one product: the bits of CpuRandom.
#include "philox.cuh"

extern "C" __global__ void __launch_bounds__(256) dropout(
        const int* __restrict__ numbers,  // BatchNumbers: step, first row
        const float* x,
        float* y,
        unsigned long long seed,
        int stream,
        unsigned threshold,
        float factor,
        int length,  // values of a row
        int parts) {
    int row = blockIdx.x / parts;
    int group = (int)(blockIdx.x % parts) * blockDim.x + threadIdx.x;
    int at = 4 * group;
    if (at >= length) {
        return;
    }
    size_t start = (size_t)row * length;
    float4 v = load_four(x + start, at, length);
    uint4 bits = philox(seed, (unsigned)stream, (unsigned)numbers[3] + (unsigned)row, (unsigned)numbers[2], (unsigned)group);
    v.x = bits.x < threshold ? 0.0f : v.x * factor;
    v.y = bits.y < threshold ? 0.0f : v.y * factor;
    v.z = bits.z < threshold ? 0.0f : v.z * factor;
    v.w = bits.w < threshold ? 0.0f : v.w * factor;
    store_four(y + start, at, length, v);
}

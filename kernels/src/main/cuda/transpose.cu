// transpose.cu: the last two axes of matrices exchanged, without computing; float32.
//   y[b,j,i] = x[b,i,j]
// Shapes   x [batch,rows,columns], y [batch,columns,rows], any extents >= 1. y is not x.
// Threads  a block moves a tile of 32 x 32 through shared memory, so that both reads and writes are of neighbours: thread t has
//          column t % 32 of the tile's rows t / 32, t / 32 + 8, ... Tiles and matrices in strides of the grid (x, y), any grid;
//          blockDim.x is 256.
// Bytes    8 per element.
// Numbers  none are made. A row of the tile is 33 long, so that the 32 elements of a column lie in 32 banks.
#include "device.cuh"

constexpr int TILE = 32;

extern "C" __global__ void __launch_bounds__(256) transpose_f32(
        const float* __restrict__ x,
        float* __restrict__ y,
        int batch,
        int rows,
        int columns) {
    __shared__ float tile[TILE][TILE + 1];
    int lane = threadIdx.x % TILE;
    int first = threadIdx.x / TILE;
    int step = blockDim.x / TILE;
    long long across = ((long long) columns + TILE - 1) / TILE;
    long long tiles = ((long long) rows + TILE - 1) / TILE * across;
    for (int matrix = blockIdx.y; matrix < batch; matrix += gridDim.y) {
        size_t from = (size_t) matrix * rows * columns;
        for (long long t = blockIdx.x; t < tiles; t += gridDim.x) {
            int row = (int) (t / across) * TILE;
            int column = (int) (t % across) * TILE;
            for (int k = first; k < TILE; k += step) {
                if (row + k < rows && column + lane < columns) {
                    tile[k][lane] = x[from + (size_t) (row + k) * columns + column + lane];
                }
            }
            __syncthreads();
            for (int k = first; k < TILE; k += step) {
                if (column + k < columns && row + lane < rows) {
                    y[from + (size_t) (column + k) * rows + row + lane] = tile[lane][k];
                }
            }
            __syncthreads();    // the next tile is written over this one
        }
    }
}

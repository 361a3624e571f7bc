// squares.cu: pixels of many channels as squares of pixels, and back: the patches of a transformer as an image; float32.
//   depth_to_space  y[n,h*s+i,w*s+j,c] = x[n,h,w,(i*s+j)*C+c]      space_to_depth  the inverse, and its gradient
// Shapes   images [N,H,W,C], s divides H and W; the other side [N,H/s,W/s,s*s*C]. Any extents.
// Threads  one for each element of the image, in strides of the grid; any grid. Neighbours share a line of a square, s*C elements.
// Bytes    8 per element.
// Numbers  a copy.
#include "device.cuh"

// Where element i of the images lies among the squares. Rows count through all images: s divides an image's.
__device__ __forceinline__ long long among_squares(long long i, int w, int c, int side) {
    long long pixel = i / c;
    int channel = (int) (i - pixel * c);
    long long row = pixel / w;
    int column = (int) (pixel - row * w);
    long long square = row / side * (w / side) + column / side;
    int within = (int) (row % side) * side + column % side;
    return (square * side * side + within) * c + channel;
}

extern "C" __global__ void __launch_bounds__(256) depth_to_space_f32(
        const float* __restrict__ x,
        float* __restrict__ y,
        long long n,
        int w,
        int c,
        int side) {
    long long threads = (long long) gridDim.x * blockDim.x;
    for (long long i = (long long) blockIdx.x * blockDim.x + threadIdx.x; i < n; i += threads) {
        y[i] = x[among_squares(i, w, c, side)];
    }
}

extern "C" __global__ void __launch_bounds__(256) space_to_depth_f32(
        const float* __restrict__ y,
        float* __restrict__ x,
        long long n,
        int w,
        int c,
        int side) {
    long long threads = (long long) gridDim.x * blockDim.x;
    for (long long i = (long long) blockIdx.x * blockDim.x + threadIdx.x; i < n; i += threads) {
        x[among_squares(i, w, c, side)] = y[i];
    }
}

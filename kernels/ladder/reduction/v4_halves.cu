// v4_halves.cu: as v3, but the upper half of the values is added to the lower half.
//   round: tree[t] += tree[t + distance] for t < distance, distance = 128, 64, ... 1
// Shapes   x [n], any n; y [blocks]. A second launch with one block adds the blocks' sums.
// Threads  blocks of 256, each striding over x. The threads that add in a round are neighbours, and so are the words they read.
// Bytes    4 read per element.
// Numbers  as v2; other pairs are added, so the last bits differ.
// Teaches  neighbouring threads should touch neighbouring words: thread t takes words t and t + distance, so the lanes of a
//          warp use 32 different banks, and no lane waits for another. The 12 warps with work of v3 stay.
extern "C" __global__ void __launch_bounds__(256) reduction_v4(
        const float* __restrict__ x,
        float* __restrict__ y,
        long long n) {
    __shared__ float tree[256];
    int t = (int)threadIdx.x;
    float sum = 0.0f;
    for (long long i = (long long)blockIdx.x * 256 + t; i < n; i += (long long)gridDim.x * 256) {
        sum += x[i];
    }
    tree[t] = sum;
    __syncthreads();
    for (int distance = 128; distance > 0; distance /= 2) {
        if (t < distance) {
            tree[t] += tree[t + distance];
        }
        __syncthreads();
    }
    if (t == 0) {
        y[blockIdx.x] = tree[0];
    }
}

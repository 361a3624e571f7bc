// v3_halves.cu: as v2, but the upper half of the values is added to the lower half.
//   round: tree[t] += tree[t + distance] for t < distance, distance = 128, 64, ... 1
// Shapes   x [n], any n; y [blocks]. A second launch with one block adds the blocks' sums.
// Threads  blocks of 256, each striding over x. The threads that work in a round are neighbours: whole warps drop out.
// Bytes    4 read per element.
// Numbers  as v2.
// Teaches  which threads work matters more than how many: no divergence inside a warp, no bank conflicts.
extern "C" __global__ void __launch_bounds__(256) reduction_v3(
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

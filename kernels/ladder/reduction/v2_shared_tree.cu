// v2_shared_tree.cu: y[b] = sum of block b's elements, added up in a tree in shared memory.
//   pairs at distance 1, then 2, 4, ...: log2(256) = 8 rounds instead of 255 additions
// Shapes   x [n], any n; y [blocks]. A second launch with one block adds the blocks' sums.
// Threads  blocks of 256; thread t of block b adds elements b*256+t, then a whole grid further: neighbours read neighbours.
// Bytes    4 read per element.
// Numbers  no running sum is longer than n / threads: the error grows with that and the tree's depth, not with n.
// Teaches  many threads, coalesced loads, __syncthreads between rounds. Bad: in a round every second, fourth, ... thread adds.
//          The 32 threads of a warp take an instruction together, so a warp with one adding thread takes as long as one with
//          32: in the round of distance 16, 8 threads add and all 8 warps are busy. Over the eight rounds that is 47 warps
//          where 12 would do (8 5 times, then 4, 2, 1; all in whole warps: 4, 2, then 1 six times).
extern "C" __global__ void __launch_bounds__(256) reduction_v2(
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
    for (int distance = 1; distance < 256; distance *= 2) {
        if (t % (2 * distance) == 0) {
            tree[t] += tree[t + distance];
        }
        __syncthreads();
    }
    if (t == 0) {
        y[blockIdx.x] = tree[0];
    }
}

// v3_strided_index.cu: as v2, but the working threads of a round are the first ones, not every second, fourth, ... one.
//   round: thread t adds tree[i + distance] to tree[i], i = 2 distance t, distance = 1, 2, 4, ... 128
// Shapes   x [n], any n; y [blocks]. A second launch with one block adds the blocks' sums.
// Threads  blocks of 256, each striding over x. In the round of distance d threads 0 .. 128/d - 1 add: neighbours, whole warps.
// Bytes    4 read per element.
// Numbers  as v2, bit for bit: the same pairs are added.
// Teaches  a warp costs its time whether one of its lanes adds or all 32 do, so put the work into few warps: over the eight
//          rounds a block has 12 warps that add something, in v2 47. Bad: lane t now reads word 2 d t of shared memory, and a
//          word lies in bank "word mod 32". At distance 1 lanes t and t+16 want different words of one bank, and the hardware
//          serves them one after the other: twice the time. At distance 4 the words of lanes t and t+4 share a bank: eight
//          lanes queue at each of four banks. In v2 a warp stayed within 32 neighbouring words, one in each bank.
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
    for (int distance = 1; distance < 256; distance *= 2) {
        int i = 2 * distance * t;
        if (i < 256) {
            tree[i] += tree[i + distance];
        }
        __syncthreads();
    }
    if (t == 0) {
        y[blockIdx.x] = tree[0];
    }
}

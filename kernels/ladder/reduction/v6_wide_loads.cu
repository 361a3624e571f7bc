// v6_wide_loads.cu: as v5, but a thread reads 16 bytes at a time and keeps four sums.
//   a.x += x[4i], a.y += x[4i+1], a.z += x[4i+2], a.w += x[4i+3]
// Shapes   x [n], any n, 16-byte aligned; y [blocks]. A second launch with one block adds the blocks' sums.
// Threads  blocks of 256, each striding over groups of four; the first threads of all take what is left behind the last group.
// Bytes    4 read per element, in a quarter of the load instructions.
// Numbers  four times as many running sums, each a quarter as long.
// Teaches  keep memory busy while you wait for it. To draw 1 TB/s from a memory that answers after 500 ns, 500 KB must be
//          under way at any time (their product). A load of 16 bytes puts four times as many under way as one of 4; and as
//          a thread has four sums, an addition waits for the one four elements back, not for the one just before.
// Ships    sum_partial and sum_finish in loss.cu: this, with the sums in double.
extern "C" __global__ void __launch_bounds__(256) reduction_v6(
        const float* __restrict__ x,
        float* __restrict__ y,
        long long n) {
    __shared__ float warps[8];
    int t = (int)threadIdx.x;
    long long first = (long long)blockIdx.x * 256 + t;
    const float4* x4 = reinterpret_cast<const float4*>(x);
    float4 a = make_float4(0.0f, 0.0f, 0.0f, 0.0f);
    for (long long i = first; i < n / 4; i += (long long)gridDim.x * 256) {
        float4 v = x4[i];
        a.x += v.x;
        a.y += v.y;
        a.z += v.z;
        a.w += v.w;
    }
    float sum = (a.x + a.y) + (a.z + a.w);
    long long last = n / 4 * 4 + first;
    if (last < n) {
        sum += x[last];
    }
    for (int distance = 16; distance > 0; distance /= 2) {
        sum += __shfl_down_sync(0xffffffffu, sum, distance);
    }
    if (t % 32 == 0) {
        warps[t / 32] = sum;
    }
    __syncthreads();
    if (t < 32) {
        sum = t < 8 ? warps[t] : 0.0f;
        for (int distance = 16; distance > 0; distance /= 2) {
            sum += __shfl_down_sync(0xffffffffu, sum, distance);
        }
    }
    if (t == 0) {
        y[blockIdx.x] = sum;
    }
}

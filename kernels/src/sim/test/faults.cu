// faults.cu: kernels with one mistake each, and the right ones beside them. SimulatorTest launches them and expects the
// simulator to name the kernel, the block, the thread and the line marked "fault" (or, where it says so, another).
// All take x[256] and n = 256, unless they say otherwise.

extern "C" __global__ void divergent_barrier(float* x, int n) {
    if (threadIdx.x < 16) __syncthreads();                      // fault: the others return
    x[threadIdx.x] = 1.0f;
}

extern "C" __global__ void two_barriers(float* x, int n) {
    if (threadIdx.x < 32)
        __syncthreads();
    else
        __syncthreads();                                        // fault: one barrier is meant to be met by all
    x[threadIdx.x] = 1.0f;
}

extern "C" __global__ void odd_lanes_shuffle(float* x, int n) {
    float v = 1.0f;
    if (threadIdx.x & 1) v = __shfl_xor_sync(0xffffffffu, v, 1);       // fault: even lanes never come
    x[threadIdx.x] = v;
    __syncthreads();
}

extern "C" __global__ void mixed_warp(float* x, int n) {
    float v = threadIdx.x;
    if (threadIdx.x & 1) v = __shfl_xor_sync(0xffffffffu, v, 2);       // fault: half of the warp is elsewhere
    else __syncwarp();
    x[threadIdx.x] = v;
}

extern "C" __global__ void outside_mask(float* x, int n) {
    x[threadIdx.x] = __shfl_sync(0x0000ffffu, 1.0f, 0);         // fault: lanes 16 to 31 are not in the mask
}

extern "C" __global__ void block_race(float* x, int n) {
    __shared__ float s[256];
    s[threadIdx.x] = 0.0f;
    __syncthreads();
    s[threadIdx.x] = threadIdx.x;                               // fault: meets the line below, no barrier (check)
    x[threadIdx.x] = s[blockDim.x - 1 - threadIdx.x];
}

extern "C" __global__ void overwrite_race(float* x, int n) {
    __shared__ float s[256];
    s[threadIdx.x] = threadIdx.x;
    __syncthreads();
    float v = s[blockDim.x - 1 - threadIdx.x];                  // fault: others have gone on to write (check)
    s[threadIdx.x] = v;
    x[threadIdx.x] = v;
}

extern "C" __global__ void warp_race(float* x, int n) {
    __shared__ float s[32];
    s[threadIdx.x] = 0.0f;
    __syncwarp();
    s[threadIdx.x] = threadIdx.x;                               // fault: meets the line below, no __syncwarp (check)
    x[threadIdx.x] = s[31 - threadIdx.x];
}

extern "C" __global__ void warp_in_order(float* x, int n) {     // right
    __shared__ float s[32];
    s[threadIdx.x] = threadIdx.x;
    __syncwarp();
    x[threadIdx.x] = s[31 - threadIdx.x];
    __syncwarp();
    s[threadIdx.x] = 0.0f;
}

extern "C" __global__ void block_in_order(float* x, int n) {    // right
    __shared__ float s[256];
    s[threadIdx.x] = threadIdx.x;
    __syncthreads();
    float v = s[blockDim.x - 1 - threadIdx.x];
    __syncthreads();
    s[threadIdx.x] = v;
    x[threadIdx.x] = s[threadIdx.x];
}

extern "C" __global__ void one_too_many(float* x, int n) {
    x[threadIdx.x / 32] = n;                                    // fault: all lanes of a warp write it (check)
}

extern "C" __global__ void blocks_overlap(float* x, int n) {    // two blocks
    x[threadIdx.x] = n;                                         // fault: both blocks write it (check)
}

extern "C" __global__ void next_block(float* x, int n) {        // two blocks of n / 2 threads
    int i = blockIdx.x * blockDim.x + threadIdx.x;
    float v = blockIdx.x == 0 ? x[i + n / 2] : 0.0f;
    x[i] = v;                                                   // fault: the other block reads it (check)
}

extern "C" __global__ void reversed_in_place(float* x, int n) {
    float v = x[n - 1 - threadIdx.x];                           // fault: some have written already (check)
    x[threadIdx.x] = v;
}

extern "C" __global__ void global_in_order(float* x, int n) {   // right
    float v = x[n - 1 - threadIdx.x];
    __syncthreads();
    x[threadIdx.x] = v;
    __syncthreads();
    x[threadIdx.x] += 1.0f;
}

extern "C" __global__ void past_the_end(float* x, int n) {
    x[threadIdx.x + n] = 1.0f;                                  // fault
}

extern "C" __global__ void before_the_start(const float* x, float* y, int n) {
    y[threadIdx.x] = x[(int)threadIdx.x - 1];                   // fault: thread 0 (check)
}

extern "C" __global__ void null_pointer(float* x, int n) {
    x[threadIdx.x + 2] = 1.0f;                                  // fault: x is null
}

extern "C" __global__ void unwritten(const float* x, float* y, int n) {
    y[threadIdx.x] = x[threadIdx.x] + 1.0f;                     // fault: nobody wrote x (check)
}

extern "C" __global__ void unwritten_shared(float* x, int n) {
    __shared__ float s[256];
    if (threadIdx.x != 5) s[threadIdx.x] = 1.0f;
    __syncthreads();
    x[threadIdx.x] = s[threadIdx.x];                            // fault: thread 5 (check)
}

extern "C" __global__ void past_shared(float* x, int n) {
    __shared__ float s[256];
    s[threadIdx.x] = 1.0f;
    __syncthreads();
    x[threadIdx.x] = s[threadIdx.x + 1];                        // fault: the last thread (check)
}

extern "C" __global__ void past_dynamic(float* x, int n) {
    extern __shared__ float s[];
    s[threadIdx.x] = 1.0f;                                      // fault: the launch gives none (check)
    __syncthreads();
    x[threadIdx.x] = s[threadIdx.x + n];
}

extern "C" __global__ void next_row(float* x, int n) {
    float rows[2][4] = {};
    for (int i = 0; i < n / 64 + 1; i++) rows[0][i] = x[i];     // fault: row 0 has 4 elements (check)
    x[threadIdx.x] = rows[1][0];
}

extern "C" __global__ void overflowing_index(float* x, int n) {
    int stride = n * 65536;
    if (threadIdx.x == 9) x[(stride * n) & 255] = 1.0f;         // fault: 2^32 (check)
}

extern "C" __global__ void misaligned(float* x, int n) {
    if (threadIdx.x == 3) *(float4*)(x + 1) = make_float4(0.0f, 0.0f, 0.0f, 0.0f);     // fault
}

extern "C" __global__ void zero_divisor(int* x, int n) {
    x[threadIdx.x] = 7 / (n - 256);                             // fault
}

extern "C" __global__ void too_much_shared(float* x, int n) {
    __shared__ float s[13000];                                  // fault: 52000 bytes
    s[threadIdx.x] = 1.0f;
    x[threadIdx.x] = s[threadIdx.x];
}

__device__ __forceinline__ float load(const float* x, int i) {
    return x[i];                                                // fault: in a function (check)
}

extern "C" __global__ void fault_in_function(const float* x, float* y, int n) {
    y[threadIdx.x] = load(x, threadIdx.x + n);                  // called here
}

extern "C" __global__ void second_block_fails(float* x, int n) {
    if (blockIdx.x >= 1 && threadIdx.x == 7) __trap();          // fault: blocks 1, 2, ...; block 1 is named
    if (blockIdx.x == 0) x[threadIdx.x] = 1.0f;
}

// ---- right kernels for streams, graphs and the pieces of the language
extern "C" __global__ void add(float* x, float v, int n) {
    int i = blockIdx.x * blockDim.x + threadIdx.x;
    if (i < n) x[i] += v;
}

extern "C" __global__ void scale(float* x, float v, int n) {
    int i = blockIdx.x * blockDim.x + threadIdx.x;
    if (i < n) x[i] *= v;
}

extern "C" __global__ void warp_sums(const float* x, float* sums, int n) {
    float v = x[threadIdx.x];
    for (int step = 16; step > 0; step /= 2) v += __shfl_xor_sync(0xffffffffu, v, step);
    if ((threadIdx.x & 31) == 0) sums[threadIdx.x / 32] = v;
}

extern "C" __global__ void dynamic_reverse(float* x, int n) {
    extern __shared__ float s[];
    s[threadIdx.x] = x[threadIdx.x];
    __syncthreads();
    x[threadIdx.x] = s[n - 1 - threadIdx.x];
}

extern "C" __global__ void rounding(const float* a, const float* b, float* plain, float* exact, int n) {
    int i = threadIdx.x;
    plain[i] = a[i] * b[i] - a[i];                              // fused
    exact[i] = __fsub_rn(__fmul_rn(a[i], b[i]), a[i]);          // two roundings
}

// c[16,8] = a[16,16] * b[8,16]^T, a and b pairs of bf16; one warp
extern "C" __global__ void matrix_step(const unsigned* a, const unsigned* b, float* c) {
    int group = threadIdx.x / 4, pair = threadIdx.x % 4;
    unsigned fa[4] = {a[group * 8 + pair], a[(group + 8) * 8 + pair], a[group * 8 + pair + 4], a[(group + 8) * 8 + pair + 4]};
    unsigned fb[2] = {b[group * 8 + pair], b[group * 8 + pair + 4]};
    float zero[4] = {0.0f, 0.0f, 0.0f, 0.0f}, d[4];
    cusim::mma16816(d, fa, fb, zero, __FILE__, __LINE__);
    for (int i = 0; i < 4; i++) c[(group + 8 * (i / 2)) * 8 + pair * 2 + i % 2] = d[i];
}

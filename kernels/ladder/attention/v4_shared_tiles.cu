// v4_shared_tiles.cu: as v3, but the block stages keys and values in shared memory, 32 at a time.
//   with m the largest score so far, a new score s gives m' = max(m, s) and
//   sum = sum * exp(m - m') + exp(s - m')   y = y * exp(m - m') + exp(s - m') v   and at the end y / sum
// Shapes   qkv [N,T,3C]; y [N,T,C]. A head's C/heads columns are padded with zeros to D = 4, 8, 16, 32 or 64.
// Threads  one per query, 64 a block. A thread behind the last query only helps to load: it may not leave, because the
//          block waits for it at each barrier.
// Bytes    global memory is asked for each row of k and v once a block, not once a query: a 64th, and by neighbouring
//          threads for neighbouring columns. 2*32*D floats of shared memory.
// Numbers  as v3, the same additions in the same order.
// Teaches  reuse: what all threads of a block read is fetched once. All read the same address at a time, which shared
//          memory delivers to a whole warp at once. And padding: zeros in the tile spare the inner loops their guard.
#include "attention.cuh"

constexpr int ATTENTION_V4_TILE = 32;    // keys and values

// By the whole block: rows 0..31 of the tile; zeros from `valid` and from `dim` on.
template <int D>
__device__ __forceinline__ void fill_v4(
        float* tile, const float* __restrict__ from, size_t stride, int valid, int dim) {
    for (int i = threadIdx.x; i < ATTENTION_V4_TILE * D; i += 64) {
        int row = i / D;
        int c = i % D;
        tile[i] = row < valid && c < dim ? from[row * stride + c] : 0.0f;
    }
}

template <int D>
__device__ __forceinline__ void attend_v4(
        const float* __restrict__ qkv, float* __restrict__ y, int tokens, int heads, int dim, float scale, float* keys,
        float* values) {
    Head head = head_of_block(tokens, heads, dim, 64);
    int i = head.block * 64 + (int) threadIdx.x;
    bool exists = i < tokens;
    float q[D];
    float row[D];
#pragma unroll
    for (int c = 0; c < D; c++) {
        q[c] = exists && c < dim ? qkv[head.packed(i) + c] * scale : 0.0f;
        row[c] = 0.0f;
    }
    float max = -INFINITY;
    float sum = 0.0f;
    for (int first = 0; first < tokens; first += ATTENTION_V4_TILE) {
        const float* k = qkv + head.packed(first) + head.width;
        int valid = min(ATTENTION_V4_TILE, tokens - first);
        __syncthreads();    // the last tile may still be read
        fill_v4<D>(keys, k, 3 * (size_t) head.width, valid, dim);
        fill_v4<D>(values, k + head.width, 3 * (size_t) head.width, valid, dim);
        __syncthreads();
        for (int j = 0; j < valid; j++) {
            float s = 0.0f;
#pragma unroll
            for (int c = 0; c < D; c++) {
                s += q[c] * keys[j * D + c];
            }
            float next = fmaxf(max, s);
            float keep = expf(max - next);
            float p = expf(s - next);
            max = next;
            sum = sum * keep + p;
#pragma unroll
            for (int c = 0; c < D; c++) {
                row[c] = row[c] * keep + p * values[j * D + c];
            }
        }
    }
#pragma unroll
    for (int c = 0; c < D; c++) {
        if (exists && c < dim) y[head.row(i) + c] = row[c] / sum;
    }
}

extern "C" __global__ void __launch_bounds__(64) attention_v4(
        const float* __restrict__ qkv,
        float* __restrict__ y,
        int tokens,
        int channels,
        int heads,
        float scale) {    // 1 / sqrt(columns of a head)
    __shared__ float keys[ATTENTION_V4_TILE * 64];
    __shared__ float values[ATTENTION_V4_TILE * 64];
    int dim = channels / heads;
    if (dim <= 4) attend_v4<4>(qkv, y, tokens, heads, dim, scale, keys, values);
    else if (dim <= 8) attend_v4<8>(qkv, y, tokens, heads, dim, scale, keys, values);
    else if (dim <= 16) attend_v4<16>(qkv, y, tokens, heads, dim, scale, keys, values);
    else if (dim <= 32) attend_v4<32>(qkv, y, tokens, heads, dim, scale, keys, values);
    else attend_v4<64>(qkv, y, tokens, heads, dim, scale, keys, values);
}

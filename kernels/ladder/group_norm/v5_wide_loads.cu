// v5_wide_loads.cu: as v4, but a thread moves up to four channels, 16 bytes, at a time.
//   mean[n,g] = sum(x)/M   var[n,g] = sum((x - mean)^2)/M   M = pixels*channels/groups
//   y = gamma[c] * (x - mean) / sqrt(var + eps) + beta[c]
// Shapes   x, y [N,pixels,channels]; gamma, beta [channels]; mean, var [N,groups]. channels % groups == 0. The pack is
//          the widest of 4, 2, 1 channels that divides a group and to which the addresses are aligned.
// Threads  as v4, a pack where v4 has a channel: panel.cuh.
// Bytes    as v4, 8 per element, in a quarter of the load, store and address instructions.
// Numbers  as v2.
// Teaches  a thread waits hundreds of cycles for a load, and a multiprocessor can have only so many loads under way; a load
//          of 16 bytes brings four times as much in the same wait, and is one instruction instead of four. One source for all
//          widths: a template, made three times, chosen by a branch that all threads take the same way.
// Ships    group_norm.cu: this, with as many groups in a block as fill 32 bytes of a pixel, the least that memory delivers;
//          shared memory asked for at the launch; SiLU behind it; the mean corrected by the second pass. Groups that do not
//          fit in shared memory are cut among blocks: group_norm_split.cu.
#include "panel.cuh"

constexpr int GROUP_NORM_V5_KEPT = 32;    // elements of a thread

template <int W>
__device__ __forceinline__ void group_norm_v5_block(
        const float* __restrict__ x, const float* __restrict__ gamma, const float* __restrict__ beta,
        float* __restrict__ y, float* __restrict__ mean, float* __restrict__ var, int pixels, int channels, int groups,
        float eps, Pack<float, W>* kept, float* sums) {
    constexpr int KEPT = GROUP_NORM_V5_KEPT / W;    // packs of a thread
    int group_channels = channels / groups;
    float count = (float) pixels * (float) group_channels;
    Panel p = panel_over(group_channels / W);
    int start = p.row < p.rows ? p.row : pixels;    // a thread left over has no pixel
    size_t group = (size_t) (blockIdx.x / groups) * pixels * channels + blockIdx.x % groups * group_channels;
    float sum = 0.0f;
    int k = 0;
    for (int c = p.column * W; c < group_channels; c += p.columns * W) {
        for (int pixel = start; pixel < pixels; pixel += p.rows, k++) {
            Pack<float, W> value = load_pack<W>(x + group + (size_t) pixel * channels + c);
            if (k < KEPT) {
                kept[k * 256 + threadIdx.x] = value;
            }
#pragma unroll
            for (int i = 0; i < W; i++) {
                sum += value.at[i];
            }
        }
    }
    float m = block_sum(sum, sums) / count;
    float squares = 0.0f;
    k = 0;
    for (int c = p.column * W; c < group_channels; c += p.columns * W) {
        for (int pixel = start; pixel < pixels; pixel += p.rows, k++) {
            size_t at = group + (size_t) pixel * channels + c;
            Pack<float, W> value = k < KEPT ? kept[k * 256 + threadIdx.x] : load_pack<W>(x + at);
#pragma unroll
            for (int i = 0; i < W; i++) {
                float d = value.at[i] - m;
                squares += d * d;
            }
        }
    }
    float v = block_sum(squares, sums) / count;
    float rstd = 1.0f / sqrtf(v + eps);
    k = 0;
    for (int c = p.column * W; c < group_channels; c += p.columns * W) {
        Pack<float, W> scale = load_pack<W>(gamma + blockIdx.x % groups * group_channels + c);
        Pack<float, W> shift = load_pack<W>(beta + blockIdx.x % groups * group_channels + c);
        for (int pixel = start; pixel < pixels; pixel += p.rows, k++) {
            size_t at = group + (size_t) pixel * channels + c;
            Pack<float, W> value = k < KEPT ? kept[k * 256 + threadIdx.x] : load_pack<W>(x + at);
#pragma unroll
            for (int i = 0; i < W; i++) {
                value.at[i] = (value.at[i] - m) * (scale.at[i] * rstd) + shift.at[i];
            }
            store_pack(y + at, value);
        }
    }
    if (threadIdx.x == 0) {
        mean[blockIdx.x] = m;
        var[blockIdx.x] = v;
    }
}

extern "C" __global__ void __launch_bounds__(256) group_norm_v5(
        const float* __restrict__ x,
        const float* __restrict__ gamma,
        const float* __restrict__ beta,
        float* __restrict__ y,
        float* __restrict__ mean,
        float* __restrict__ var,
        int pixels,
        int channels,
        int groups,
        float eps) {
    __shared__ float sums[32];
    __shared__ float4 kept[GROUP_NORM_V5_KEPT * 256 / 4];
    size_t addresses = (size_t) x | (size_t) gamma | (size_t) beta | (size_t) y;
    with_width<float>(pack_width<float>(addresses | (size_t) (channels / groups) * sizeof(float)), [&](auto w) {
        constexpr int W = decltype(w)::value;
        group_norm_v5_block<W>(x, gamma, beta, y, mean, var, pixels, channels, groups, eps,
                reinterpret_cast<Pack<float, W>*>(kept), sums);
    });
}

// v4_kept_in_shared.cu: as v3, but the first pass keeps what it read in shared memory for the other two.
//   mean[n,g] = sum(x)/M   var[n,g] = sum((x - mean)^2)/M   M = pixels*channels/groups
//   y = gamma[c] * (x - mean) / sqrt(var + eps) + beta[c]
// Shapes   x, y [N,pixels,channels]; gamma, beta [channels]; mean, var [N,groups]. channels % groups == 0.
// Threads  as v3. Thread t keeps its k'th element in slot k*256+t: neighbours use neighbouring banks, and as nobody else
//          reads the slot, no barrier is needed. What comes after the 32nd element of a thread is read again.
// Bytes    x read once, y written: 8 per element, as long as M <= 8192 (28x28 pixels of 4 channels are 3136).
// Numbers  as v2.
// Teaches  memory is the bottleneck, so read it once. The price: 32 KB a block, so few blocks fit on a multiprocessor.
#include "panel.cuh"

constexpr int GROUP_NORM_V4_KEPT = 32;    // elements of a thread

extern "C" __global__ void __launch_bounds__(256) group_norm_v4(
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
    __shared__ float kept[GROUP_NORM_V4_KEPT * 256];
    int group_channels = channels / groups;
    float count = (float) pixels * (float) group_channels;
    Panel p = panel_over(group_channels);
    int start = p.row < p.rows ? p.row : pixels;    // a thread left over has no pixel
    size_t group = (size_t) (blockIdx.x / groups) * pixels * channels + blockIdx.x % groups * group_channels;
    float sum = 0.0f;
    int k = 0;
    for (int c = p.column; c < group_channels; c += p.columns) {
        for (int pixel = start; pixel < pixels; pixel += p.rows, k++) {
            float value = x[group + (size_t) pixel * channels + c];
            if (k < GROUP_NORM_V4_KEPT) {
                kept[k * 256 + threadIdx.x] = value;
            }
            sum += value;
        }
    }
    float m = block_sum(sum, sums) / count;
    float squares = 0.0f;
    k = 0;
    for (int c = p.column; c < group_channels; c += p.columns) {
        for (int pixel = start; pixel < pixels; pixel += p.rows, k++) {
            size_t at = group + (size_t) pixel * channels + c;
            float d = (k < GROUP_NORM_V4_KEPT ? kept[k * 256 + threadIdx.x] : x[at]) - m;
            squares += d * d;
        }
    }
    float v = block_sum(squares, sums) / count;
    float rstd = 1.0f / sqrtf(v + eps);
    k = 0;
    for (int c = p.column; c < group_channels; c += p.columns) {
        float scale = gamma[blockIdx.x % groups * group_channels + c] * rstd;
        float shift = beta[blockIdx.x % groups * group_channels + c];
        for (int pixel = start; pixel < pixels; pixel += p.rows, k++) {
            size_t at = group + (size_t) pixel * channels + c;
            float value = k < GROUP_NORM_V4_KEPT ? kept[k * 256 + threadIdx.x] : x[at];
            y[at] = (value - m) * scale + shift;
        }
    }
    if (threadIdx.x == 0) {
        mean[blockIdx.x] = m;
        var[blockIdx.x] = v;
    }
}

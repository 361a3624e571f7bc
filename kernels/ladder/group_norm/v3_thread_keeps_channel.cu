// v3_thread_keeps_channel.cu: as v2, but a thread stays with a channel and walks over pixels.
//   mean[n,g] = sum(x)/M   var[n,g] = sum((x - mean)^2)/M   M = pixels*channels/groups
//   y = gamma[c] * (x - mean) / sqrt(var + eps) + beta[c]
// Shapes   x, y [N,pixels,channels]; gamma, beta [channels]; mean, var [N,groups]. channels % groups == 0.
// Threads  block n*groups+g of 256, laid over the group's channels and pixels by panel.cuh: with 4 channels, thread t has
//          channel t % 4 of pixels t/4, t/4+64, ... Neighbours still read neighbours.
// Bytes    as v2, 16 per element.
// Numbers  as v2.
// Teaches  choose who does what so that the index needs no arithmetic: the only divisions are at the start, an address is
//          the last one plus a constant, and what belongs to the channel (gamma * rstd, beta) is read once, to registers.
#include "panel.cuh"

extern "C" __global__ void __launch_bounds__(256) group_norm_v3(
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
    int group_channels = channels / groups;
    float count = (float) pixels * (float) group_channels;
    Panel p = panel_over(group_channels);
    int start = p.row < p.rows ? p.row : pixels;    // a thread left over has no pixel
    size_t group = (size_t) (blockIdx.x / groups) * pixels * channels + blockIdx.x % groups * group_channels;
    float sum = 0.0f;
    for (int c = p.column; c < group_channels; c += p.columns) {
        for (int pixel = start; pixel < pixels; pixel += p.rows) {
            sum += x[group + (size_t) pixel * channels + c];
        }
    }
    float m = block_sum(sum, sums) / count;
    float squares = 0.0f;
    for (int c = p.column; c < group_channels; c += p.columns) {
        for (int pixel = start; pixel < pixels; pixel += p.rows) {
            float d = x[group + (size_t) pixel * channels + c] - m;
            squares += d * d;
        }
    }
    float v = block_sum(squares, sums) / count;
    float rstd = 1.0f / sqrtf(v + eps);
    for (int c = p.column; c < group_channels; c += p.columns) {
        float scale = gamma[blockIdx.x % groups * group_channels + c] * rstd;
        float shift = beta[blockIdx.x % groups * group_channels + c];
        for (int pixel = start; pixel < pixels; pixel += p.rows) {
            size_t at = group + (size_t) pixel * channels + c;
            y[at] = (x[at] - m) * scale + shift;
        }
    }
    if (threadIdx.x == 0) {
        mean[blockIdx.x] = m;
        var[blockIdx.x] = v;
    }
}

// v2_block_per_group.cu: as v1, but a block of threads shares a group and adds up its sums.
//   mean[n,g] = sum(x)/M   var[n,g] = sum((x - mean)^2)/M   M = pixels*channels/groups
//   y = gamma[c] * (x - mean) / sqrt(var + eps) + beta[c]
// Shapes   x, y [N,pixels,channels]; gamma, beta [channels]; mean, var [N,groups]. channels % groups == 0, M < 2^31.
// Threads  block n*groups+g of 256; thread t has the group's elements t, t+256, ..., channel fastest.
// Bytes    as v1, 16 per element, but neighbours read neighbours. A group's channels of a pixel lie side by side: with 8 of
//          them, 32 bytes, all that memory delivers is used; with 4 it is half, and the rest belongs to another block.
// Numbers  as v1, with sums 256 times as short, added in a tree: block_sum of device.cuh, the ladder of the reduction.
// Teaches  one block per result that needs a sum: 256 times the threads, and two barriers where they must agree.
//          Bad: to find its pixel and channel a thread divides for each element: no GPU has an instruction for that,
//          and what replaces it outweighs the load and the addition that do the work.
#include "device.cuh"

extern "C" __global__ void __launch_bounds__(256) group_norm_v2(
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
    int elements = pixels * group_channels;
    int first = (int) (blockIdx.x % groups) * group_channels;
    size_t image = (size_t) (blockIdx.x / groups) * pixels * channels;
    float sum = 0.0f;
    for (int i = threadIdx.x; i < elements; i += 256) {
        sum += x[image + (size_t) (i / group_channels) * channels + first + i % group_channels];
    }
    float m = block_sum(sum, sums) / (float) elements;
    float squares = 0.0f;
    for (int i = threadIdx.x; i < elements; i += 256) {
        float d = x[image + (size_t) (i / group_channels) * channels + first + i % group_channels] - m;
        squares += d * d;
    }
    float v = block_sum(squares, sums) / (float) elements;
    float rstd = 1.0f / sqrtf(v + eps);
    for (int i = threadIdx.x; i < elements; i += 256) {
        int c = first + i % group_channels;
        size_t at = image + (size_t) (i / group_channels) * channels + c;
        y[at] = gamma[c] * (x[at] - m) * rstd + beta[c];
    }
    if (threadIdx.x == 0) {
        mean[blockIdx.x] = m;
        var[blockIdx.x] = v;
    }
}

// group_norm.cu: GroupNorm over NHWC activations, alone or followed by SiLU, forward and backward; float32 and bf16.
//   mean[n,g] = sum(x)/M   var[n,g] = sum((x - mean)^2)/M   M = H*W*C/G (biased)
//   z = gamma[c] * (x - mean) / sqrt(var + eps) + beta[c]   y = z or z * sigmoid(z)      Wu & He 2018, section 3.1
//   normal = (x - mean) / sqrt(var + eps)   d = dy or dy * silu'(z)   dgamma[c] = sum(d * normal)   dbeta[c] = sum(d)
//   dx = (gamma * d - (sum(gamma * d) + normal * sum(gamma * d * normal)) / M) / sqrt(var + eps), sums over the group
// Shapes   x, y, dy, dx [N,H,W,C]; gamma, beta, dgamma, dbeta [C] and mean, var [N,G] always float32. Any H, W and any
//          C % G == 0. width elements move at once: it divides C/G, and addresses are multiples of width * sizeof(T).
// Threads  one block per image and groups_per_block groups, laid over its pixels and channels by panel.cuh.
//          Four channels of a group are 16 bytes, half of what memory delivers at least: so a block takes as many groups
//          as fill 32 bytes of each pixel. N*G/groups_per_block blocks: 256 for 64 images of 28x28x32 in 8 groups.
// Bytes    HBM and L2 see x (and dy) read once and y (dx) written once, 8 (12) per element in float32: the block keeps its
//          tile in shared memory for the further passes. Where a group does not fit: group_norm_split.cu.
// Numbers  centred second pass: E[x^2]-mean^2 loses log2(mean^2/var) bits; its first moment corrects the mean. Fixed
//          order, no atomics: dgamma and dbeta leave the blocks as sums per image and are added by a second kernel.
#include "group_norm.cuh"

template <typename T, int W>
__device__ __forceinline__ void forward_block(
        const T* __restrict__ x, const float* __restrict__ gamma, const float* __restrict__ beta, T* __restrict__ y,
        float* __restrict__ mean, float* __restrict__ var, int pixels, int c, int groups, int groups_per_block,
        float eps, int with_silu) {
    GroupTile t = group_tile(pixels, 0, pixels, c, groups, groups_per_block, W);
    Pack<T, W>* copy = reinterpret_cast<Pack<T, W>*>(group_norm_shared());
    float* sums = reinterpret_cast<float*>(copy + tile_slots(t));
    float2 s = group_statistics<T, W>(x, t, copy, sums);
    float variance = s.y / ((float) pixels * (float) t.group_channels);
    if (t.panel.row == 0 && t.panel.column % t.group_columns == 0) {
        mean[t.first_group + t.group] = s.x;
        var[t.first_group + t.group] = variance;
    }
    group_normalise<T, W>(t, s.x, 1.0f / sqrtf(variance + eps), gamma, beta, y, with_silu,
            [&](size_t, int slot) { return copy[slot]; });
}

template <typename T, int W>
__device__ __forceinline__ void backward_block(
        const T* __restrict__ x, const float* __restrict__ gamma, const float* __restrict__ beta,
        const float* __restrict__ mean, const float* __restrict__ var, const T* __restrict__ dy, T* __restrict__ dx,
        float* __restrict__ channels, int pixels, int c, int groups, int groups_per_block, float eps, int with_silu) {
    GroupTile t = group_tile(pixels, 0, pixels, c, groups, groups_per_block, W);
    Pack<T, W>* copy = reinterpret_cast<Pack<T, W>*>(group_norm_shared());
    int slots = tile_slots(t);
    float* sums = reinterpret_cast<float*>(copy + 2 * slots);
    float m = mean[t.first_group + t.group];
    float rstd = 1.0f / sqrtf(var[t.first_group + t.group] + eps);
    float* out = channels + (size_t) (blockIdx.x / (groups / groups_per_block)) * 2 * c;

    float2 group = sum_channels<W>(t, gamma, beta, sums, out, [&](const Affine<W>& affine, int pack, int& slot, auto& s) {
        gradient_sums<T, W>(t, pack, slot, affine, m, rstd, with_silu, x, dy, copy, slots, s);
    });
    group = sum_groups(group, t, 1, sums);
    float count = (float) pixels * (float) t.group_channels;
    group.x /= count;
    group.y /= count;
    input_gradient<T, W>(t, gamma, beta, m, rstd, group, with_silu, dx,
            [&](size_t, int slot, Pack<T, W>& px, Pack<T, W>& pd) {
                px = copy[slot];
                pd = copy[slots + slot];
            });
}

// Shared memory: width * sizeof(T) bytes for each slot of the tile, then 8 * (blockDim.x + groups_per_block).
extern "C" __global__ void __launch_bounds__(256, 2) group_norm_forward_f32(
        const float* __restrict__ x,
        const float* __restrict__ gamma,
        const float* __restrict__ beta,
        float* __restrict__ y,
        float* __restrict__ mean,
        float* __restrict__ var,
        int pixels,                             // of an image
        int c,
        int groups,
        int groups_per_block,                   // divides groups
        int width,                              // 4, 2 or 1
        float eps,
        int with_silu) {
    with_width<float>(width, [&](auto w) {
        forward_block<float, decltype(w)::value>(
                x, gamma, beta, y, mean, var, pixels, c, groups, groups_per_block, eps, with_silu);
    });
}

extern "C" __global__ void __launch_bounds__(256, 2) group_norm_forward_bf16(
        const bf16* __restrict__ x,
        const float* __restrict__ gamma,
        const float* __restrict__ beta,
        bf16* __restrict__ y,
        float* __restrict__ mean,
        float* __restrict__ var,
        int pixels,
        int c,
        int groups,
        int groups_per_block,
        int width,
        float eps,
        int with_silu) {
    with_width<bf16>(width, [&](auto w) {
        forward_block<bf16, decltype(w)::value>(
                x, gamma, beta, y, mean, var, pixels, c, groups, groups_per_block, eps, with_silu);
    });
}

// channels: out, [N][2][C]: sums over the image's pixels of d and of d * normal. beta is read only with SiLU.
// Shared memory: 2 * width * sizeof(T) bytes for each slot, then 8 * width * blockDim.x + 8 * groups_per_block.
extern "C" __global__ void __launch_bounds__(256, 2) group_norm_backward_f32(
        const float* __restrict__ x,
        const float* __restrict__ gamma,
        const float* __restrict__ beta,
        const float* __restrict__ mean,
        const float* __restrict__ var,
        const float* __restrict__ dy,
        float* __restrict__ dx,
        float* __restrict__ channels,
        int pixels,
        int c,
        int groups,
        int groups_per_block,
        int width,
        float eps,
        int with_silu) {
    with_width<float>(width, [&](auto w) {
        backward_block<float, decltype(w)::value>(
                x, gamma, beta, mean, var, dy, dx, channels, pixels, c, groups, groups_per_block, eps, with_silu);
    });
}

extern "C" __global__ void __launch_bounds__(256, 2) group_norm_backward_bf16(
        const bf16* __restrict__ x,
        const float* __restrict__ gamma,
        const float* __restrict__ beta,
        const float* __restrict__ mean,
        const float* __restrict__ var,
        const bf16* __restrict__ dy,
        bf16* __restrict__ dx,
        float* __restrict__ channels,
        int pixels,
        int c,
        int groups,
        int groups_per_block,
        int width,
        float eps,
        int with_silu) {
    with_width<bf16>(width, [&](auto w) {
        backward_block<bf16, decltype(w)::value>(
                x, gamma, beta, mean, var, dy, dx, channels, pixels, c, groups, groups_per_block, eps, with_silu);
    });
}

// The second stage: dbeta[c] and dgamma[c], sums over all rows of channels [rows][2][C]. A block has 32 columns of the
// 2 * C; each of its 8 warps sums every eighth row, then the first adds the eight. blockDim.x = 256.
extern "C" __global__ void __launch_bounds__(256, 2) group_norm_parameter_gradients(
        const float* __restrict__ channels,
        float* __restrict__ dgamma,
        float* __restrict__ dbeta,
        int rows,
        int c) {
    __shared__ float partial[8][32];
    int lane = threadIdx.x & 31;
    int warp = threadIdx.x >> 5;
    int column = blockIdx.x * 32 + lane;
    float sum = 0.0f;
    if (column < 2 * c) {
#pragma unroll 4
        for (int row = warp; row < rows; row += 8) {
            sum += channels[(size_t) row * 2 * c + column];
        }
    }
    partial[warp][lane] = sum;
    __syncthreads();
    if (warp == 0 && column < 2 * c) {
        for (int i = 1; i < 8; i++) {
            sum += partial[i][lane];
        }
        if (column < c) {
            dbeta[column] = sum;
        } else {
            dgamma[column - c] = sum;
        }
    }
}

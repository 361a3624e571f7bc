// group_norm_split.cu: GroupNorm for groups that do not fit in shared memory: several blocks share a group.
//   Formulas, shapes and numbers as in group_norm.cu. The statistics of the parts are combined by
//   mean = sum(n_i * mean_i)/M   var = (sum(m2_i) + sum(n_i * (mean_i - mean)^2))/M       Chan, Golub, LeVeque 1983
// Threads  grid (image and groups_per_block groups, part): part i has pixels i*part_pixels .. of the image. Forward:
//          group_norm_statistics for each part, then group_norm_apply, every block of which combines the parts again:
//          they are few, and a kernel less. Backward: group_norm_sums, then group_norm_input_gradient in the same way.
// Bytes    x read twice and y written, 12 per element in float32; backward 20. What is still in L2 costs HBM nothing.
#include "group_norm.cuh"

__device__ __forceinline__ GroupTile part_tile(
        int pixels, int part_pixels, int c, int groups, int groups_per_block, int width) {
    int from = blockIdx.y * part_pixels;
    return group_tile(pixels, from, min(part_pixels, pixels - from), c, groups, groups_per_block, width);
}

template <typename T, int W>
__device__ __forceinline__ void statistics_block(
        const T* __restrict__ x, float2* __restrict__ parts, int pixels, int part_pixels, int c, int groups,
        int groups_per_block, int keep) {
    GroupTile t = part_tile(pixels, part_pixels, c, groups, groups_per_block, W);
    Pack<T, W>* copy = reinterpret_cast<Pack<T, W>*>(group_norm_shared());
    float* sums = reinterpret_cast<float*>(copy + (keep ? tile_slots(t) : 0));
    float2 s = group_statistics<T, W>(x, t, keep ? copy : nullptr, sums);
    if (t.panel.row == 0 && t.panel.column % t.group_columns == 0) {
        parts[(size_t) (t.first_group + t.group) * gridDim.y + blockIdx.y] = s;
    }
}

// (mean, var) of the thread's group from those of its parts; one warp for each group of the block.
__device__ __forceinline__ float2 combine_parts(
        const GroupTile& t, const float2* __restrict__ parts, int pixels, int part_pixels, float2* shared) {
    float count = (float) pixels * (float) t.group_channels;
    for (int group = threadIdx.x >> 5; group < t.groups; group += blockDim.x >> 5) {
        const float2* of = parts + (size_t) (t.first_group + group) * gridDim.y;
        float first = of[0].x;    // sums of differences to it are sums of small numbers
        float sum = 0.0f;
        float m2 = 0.0f;
        for (int i = threadIdx.x & 31; i < gridDim.y; i += 32) {
            float n = (float) min(part_pixels, pixels - i * part_pixels) * (float) t.group_channels;
            sum += n * (of[i].x - first);
        }
        float mean = first + warp_sum(sum) / count;
        for (int i = threadIdx.x & 31; i < gridDim.y; i += 32) {
            float n = (float) min(part_pixels, pixels - i * part_pixels) * (float) t.group_channels;
            float d = of[i].x - mean;
            m2 += of[i].y + n * d * d;
        }
        m2 = warp_sum(m2);
        if ((threadIdx.x & 31) == 0) {
            shared[group] = make_float2(mean, m2 / count);
        }
    }
    __syncthreads();
    return shared[t.group];
}

template <typename T, int W>
__device__ __forceinline__ void apply_block(
        const T* __restrict__ x, const float* __restrict__ gamma, const float* __restrict__ beta,
        const float2* __restrict__ parts, T* __restrict__ y, float* __restrict__ mean, float* __restrict__ var,
        int pixels, int part_pixels, int c, int groups, int groups_per_block, float eps, int with_silu) {
    GroupTile t = part_tile(pixels, part_pixels, c, groups, groups_per_block, W);
    float2 s = combine_parts(t, parts, pixels, part_pixels, reinterpret_cast<float2*>(group_norm_shared()));
    if (blockIdx.y == 0 && t.panel.row == 0 && t.panel.column % t.group_columns == 0) {
        mean[t.first_group + t.group] = s.x;
        var[t.first_group + t.group] = s.y;
    }
    group_normalise<T, W>(t, s.x, 1.0f / sqrtf(s.y + eps), gamma, beta, y, with_silu,
            [&](size_t at, int) { return load_pack<W>(x + at); });
}

template <typename T, int W>
__device__ __forceinline__ void sums_block(
        const T* __restrict__ x, const float* __restrict__ gamma, const float* __restrict__ beta,
        const float* __restrict__ mean, const float* __restrict__ var, const T* __restrict__ dy,
        float* __restrict__ channels, int pixels, int part_pixels, int c, int groups, int groups_per_block, float eps,
        int with_silu) {
    GroupTile t = part_tile(pixels, part_pixels, c, groups, groups_per_block, W);
    float m = mean[t.first_group + t.group];
    float rstd = 1.0f / sqrtf(var[t.first_group + t.group] + eps);
    size_t row = (size_t) (blockIdx.x / (groups / groups_per_block)) * gridDim.y + blockIdx.y;
    sum_channels<W>(t, gamma, beta, reinterpret_cast<float*>(group_norm_shared()), channels + row * 2 * c,
            [&](const Affine<W>& affine, int pack, int& slot, float (&sums)[2 * W]) {
                gradient_sums<T, W>(t, pack, slot, affine, m, rstd, with_silu, x, dy, nullptr, 0, sums);
            });
}

template <typename T, int W>
__device__ __forceinline__ void input_gradient_block(
        const T* __restrict__ x, const float* __restrict__ gamma, const float* __restrict__ beta,
        const float* __restrict__ mean, const float* __restrict__ var, const T* __restrict__ dy,
        const float* __restrict__ channels, T* __restrict__ dx, int pixels, int part_pixels, int c, int groups,
        int groups_per_block, float eps, int with_silu) {
    GroupTile t = part_tile(pixels, part_pixels, c, groups, groups_per_block, W);
    float* shared = reinterpret_cast<float*>(group_norm_shared());
    float m = mean[t.first_group + t.group];
    float rstd = 1.0f / sqrtf(var[t.first_group + t.group] + eps);
    const float* parts = channels + (size_t) (blockIdx.x / (groups / groups_per_block)) * gridDim.y * 2 * c;

    // the panel's rows now go over the parts
    float2 group = sum_channels<W>(t, gamma, beta, shared, nullptr,
            [&](const Affine<W>&, int pack, int&, float (&sums)[2 * W]) {
                int resting = t.panel.row < t.panel.rows ? 0 : gridDim.y;
                for (int part = t.panel.row + resting; part < gridDim.y; part += t.panel.rows) {
                    const float* of = parts + (size_t) part * 2 * c + t.channel + pack * W;
#pragma unroll
                    for (int i = 0; i < W; i++) {
                        sums[i] += of[i];
                        sums[W + i] += of[c + i];
                    }
                }
            });
    group = sum_groups(group, t, 1, shared);
    float count = (float) pixels * (float) t.group_channels;
    group.x /= count;
    group.y /= count;
    input_gradient<T, W>(t, gamma, beta, m, rstd, group, with_silu, dx,
            [&](size_t at, int, Pack<T, W>& px, Pack<T, W>& pd) {
                px = load_pack<W>(x + at);
                pd = load_pack<W>(dy + at);
            });
}

// parts: out, [N*G][gridDim.y] of (mean, sum of (x - mean)^2).
// Shared memory: width * sizeof(T) bytes for each slot of a part's tile, then 8 * (blockDim.x + groups_per_block). The
// tile is left out, and x read twice, where keep is 0: for a pixel whose channels alone do not fit.
extern "C" __global__ void __launch_bounds__(256, 2) group_norm_statistics_f32(
        const float* __restrict__ x,
        float2* __restrict__ parts,
        int pixels,
        int part_pixels,
        int c,
        int groups,
        int groups_per_block,
        int width,
        int keep) {
    with_width<float>(width, [&](auto w) {
        statistics_block<float, decltype(w)::value>(
                x, parts, pixels, part_pixels, c, groups, groups_per_block, keep);
    });
}

extern "C" __global__ void __launch_bounds__(256, 2) group_norm_statistics_bf16(
        const bf16* __restrict__ x,
        float2* __restrict__ parts,
        int pixels,
        int part_pixels,
        int c,
        int groups,
        int groups_per_block,
        int width,
        int keep) {
    with_width<bf16>(width, [&](auto w) {
        statistics_block<bf16, decltype(w)::value>(
                x, parts, pixels, part_pixels, c, groups, groups_per_block, keep);
    });
}

// Shared memory: 8 * groups_per_block bytes.
extern "C" __global__ void __launch_bounds__(256, 2) group_norm_apply_f32(
        const float* __restrict__ x,
        const float* __restrict__ gamma,
        const float* __restrict__ beta,
        const float2* __restrict__ parts,
        float* __restrict__ y,
        float* __restrict__ mean,
        float* __restrict__ var,
        int pixels,
        int part_pixels,
        int c,
        int groups,
        int groups_per_block,
        int width,
        float eps,
        int with_silu) {
    with_width<float>(width, [&](auto w) {
        apply_block<float, decltype(w)::value>(
                x, gamma, beta, parts, y, mean, var, pixels, part_pixels, c, groups, groups_per_block, eps, with_silu);
    });
}

extern "C" __global__ void __launch_bounds__(256, 2) group_norm_apply_bf16(
        const bf16* __restrict__ x,
        const float* __restrict__ gamma,
        const float* __restrict__ beta,
        const float2* __restrict__ parts,
        bf16* __restrict__ y,
        float* __restrict__ mean,
        float* __restrict__ var,
        int pixels,
        int part_pixels,
        int c,
        int groups,
        int groups_per_block,
        int width,
        float eps,
        int with_silu) {
    with_width<bf16>(width, [&](auto w) {
        apply_block<bf16, decltype(w)::value>(
                x, gamma, beta, parts, y, mean, var, pixels, part_pixels, c, groups, groups_per_block, eps, with_silu);
    });
}

// channels: out, [N][gridDim.y][2][C]. Shared memory: 8 * width * blockDim.x bytes.
extern "C" __global__ void __launch_bounds__(256, 2) group_norm_sums_f32(
        const float* __restrict__ x,
        const float* __restrict__ gamma,
        const float* __restrict__ beta,
        const float* __restrict__ mean,
        const float* __restrict__ var,
        const float* __restrict__ dy,
        float* __restrict__ channels,
        int pixels,
        int part_pixels,
        int c,
        int groups,
        int groups_per_block,
        int width,
        float eps,
        int with_silu) {
    with_width<float>(width, [&](auto w) {
        sums_block<float, decltype(w)::value>(
                x, gamma, beta, mean, var, dy, channels, pixels, part_pixels, c, groups, groups_per_block, eps,
                with_silu);
    });
}

extern "C" __global__ void __launch_bounds__(256, 2) group_norm_sums_bf16(
        const bf16* __restrict__ x,
        const float* __restrict__ gamma,
        const float* __restrict__ beta,
        const float* __restrict__ mean,
        const float* __restrict__ var,
        const bf16* __restrict__ dy,
        float* __restrict__ channels,
        int pixels,
        int part_pixels,
        int c,
        int groups,
        int groups_per_block,
        int width,
        float eps,
        int with_silu) {
    with_width<bf16>(width, [&](auto w) {
        sums_block<bf16, decltype(w)::value>(
                x, gamma, beta, mean, var, dy, channels, pixels, part_pixels, c, groups, groups_per_block, eps,
                with_silu);
    });
}

// Shared memory: 8 * width * blockDim.x + 8 * groups_per_block bytes.
extern "C" __global__ void __launch_bounds__(256, 2) group_norm_input_gradient_f32(
        const float* __restrict__ x,
        const float* __restrict__ gamma,
        const float* __restrict__ beta,
        const float* __restrict__ mean,
        const float* __restrict__ var,
        const float* __restrict__ dy,
        const float* __restrict__ channels,
        float* __restrict__ dx,
        int pixels,
        int part_pixels,
        int c,
        int groups,
        int groups_per_block,
        int width,
        float eps,
        int with_silu) {
    with_width<float>(width, [&](auto w) {
        input_gradient_block<float, decltype(w)::value>(
                x, gamma, beta, mean, var, dy, channels, dx, pixels, part_pixels, c, groups, groups_per_block, eps,
                with_silu);
    });
}

extern "C" __global__ void __launch_bounds__(256, 2) group_norm_input_gradient_bf16(
        const bf16* __restrict__ x,
        const float* __restrict__ gamma,
        const float* __restrict__ beta,
        const float* __restrict__ mean,
        const float* __restrict__ var,
        const bf16* __restrict__ dy,
        const float* __restrict__ channels,
        bf16* __restrict__ dx,
        int pixels,
        int part_pixels,
        int c,
        int groups,
        int groups_per_block,
        int width,
        float eps,
        int with_silu) {
    with_width<bf16>(width, [&](auto w) {
        input_gradient_block<bf16, decltype(w)::value>(
                x, gamma, beta, mean, var, dy, channels, dx, pixels, part_pixels, c, groups, groups_per_block, eps,
                with_silu);
    });
}

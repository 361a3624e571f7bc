// group_norm.cuh: the steps of group normalisation that group_norm.cu (a group fits in shared memory) and
// group_norm_split.cu (it does not) are made of. Formulas are in group_norm.cu.
#pragma once
#include "panel.cuh"

// What one block works on: neighbouring groups of one image, so many that a pixel's share fills whole 32-byte sectors.
struct GroupTile {
    size_t start;         // element index of its first pixel's first channel
    int pixels;           // of its part of the image
    int first_pixel;      // of this thread, which goes on in steps of panel.rows; pixels where the thread rests
    int stride;           // elements from pixel to pixel: C
    int channel;          // its first channel
    int packs;            // in all its groups, per pixel
    int groups;           // its number of groups
    int group_channels;   // C/G
    int first_group;      // n * G + its first group
    Panel panel;
    int group;            // of this thread, counted from first_group
    int group_columns;    // columns of the panel that share a group
};

// Block x is image x / (groups / groups_per_block); its part of the image is pixels from .. from+count-1.
// Where groups_per_block > 1 the packs of a pixel must not exceed blockDim.x.
__device__ __forceinline__ GroupTile group_tile(
        int pixels, int from, int count, int c, int groups, int groups_per_block, int width) {
    GroupTile t;
    int blocks = groups / groups_per_block;
    int image = blockIdx.x / blocks;
    int group = blockIdx.x % blocks * groups_per_block;
    t.pixels = count;
    t.stride = c;
    t.groups = groups_per_block;
    t.group_channels = c / groups;
    t.channel = group * t.group_channels;
    t.packs = groups_per_block * t.group_channels / width;
    t.start = ((size_t) image * pixels + from) * c + t.channel;
    t.first_group = image * groups + group;
    t.panel = panel_over(t.packs);
    t.first_pixel = t.panel.row < t.panel.rows ? t.panel.row : count;
    t.group_columns = groups_per_block == 1 ? t.panel.columns : t.group_channels / width;
    t.group = t.panel.column / t.group_columns;
    return t;
}

// Calls f(element index, slot) for the thread's pixels, at one pack of the pixel. The slot is the thread's own place in a
// copy of the tile in shared memory: neighbouring threads, neighbouring slots, and no barrier is needed to read it back.
template <int W, typename F>
__device__ __forceinline__ void each_pixel(const GroupTile& t, int pack, int& slot, F f) {
    size_t at = t.start + (size_t) t.panel.row * t.stride + pack * W;
#pragma unroll 4
    for (int pixel = t.first_pixel; pixel < t.pixels; pixel += t.panel.rows) {
        f(at, slot);
        at += (size_t) t.panel.rows * t.stride;
        slot += blockDim.x;
    }
}

// Slots of a copy of the tile.
__device__ __forceinline__ int tile_slots(const GroupTile& t) {
    return (t.pixels + t.panel.rows - 1) / t.panel.rows * t.panel.shares * (int) blockDim.x;
}

// The launch's dynamic shared memory: a copy of the tile, if any, and behind it room for sums.
__device__ __forceinline__ unsigned char* group_norm_shared() {
    extern __shared__ __align__(16) unsigned char group_norm_memory[];
    return group_norm_memory;
}

// The sum of v over the threads of the same group in the panel's first rows, the same bits in each thread of the group.
// Needs 2 * (blockDim.x + groups) floats of shared memory.
__device__ __forceinline__ float2 sum_groups(float2 v, const GroupTile& t, int rows, float* shared) {
    float2* values = reinterpret_cast<float2*>(shared);
    float2* sums = values + blockDim.x;
    int length = rows * t.group_columns;
    __syncthreads();    // shared may still be read
    if (t.panel.row < rows) {    // a group's values side by side
        values[t.group * length + t.panel.row * t.group_columns + t.panel.column % t.group_columns] = v;
    }
    __syncthreads();
    for (int group = threadIdx.x >> 5; group < t.groups; group += blockDim.x >> 5) {
        float2 s = make_float2(0.0f, 0.0f);
        for (int i = threadIdx.x & 31; i < length; i += 32) {
            s.x += values[group * length + i].x;
            s.y += values[group * length + i].y;
        }
        s.x = warp_sum(s.x);
        s.y = warp_sum(s.y);
        if ((threadIdx.x & 31) == 0) {
            sums[group] = s;
        }
    }
    __syncthreads();
    return sums[t.group];
}

// (mean, sum of (x - mean)^2) of the thread's group. Reads memory once where copy, in shared memory, is not null.
template <typename T, int W>
__device__ __forceinline__ float2 group_statistics(
        const T* __restrict__ x, const GroupTile& t, Pack<T, W>* copy, float* shared) {
    float2 sum = make_float2(0.0f, 0.0f);
    int slot = threadIdx.x;
    for (int pack = t.panel.column; pack < t.packs; pack += t.panel.columns) {
        each_pixel<W>(t, pack, slot, [&](size_t at, int slot) {
            Pack<T, W> p = load_pack<W>(x + at);
            if (copy != nullptr) {
                copy[slot] = p;
            }
#pragma unroll
            for (int i = 0; i < W; i++) {
                sum.x += to_float(p.at[i]);
            }
        });
    }
    float count = (float) t.pixels * (float) t.group_channels;
    float mean = sum_groups(sum, t, t.panel.rows, shared).x / count;

    float2 centred = make_float2(0.0f, 0.0f);
    slot = threadIdx.x;
    for (int pack = t.panel.column; pack < t.packs; pack += t.panel.columns) {
        each_pixel<W>(t, pack, slot, [&](size_t at, int slot) {
            Pack<T, W> p = copy != nullptr ? copy[slot] : load_pack<W>(x + at);
#pragma unroll
            for (int i = 0; i < W; i++) {
                float d = to_float(p.at[i]) - mean;
                centred.x += d;
                centred.y += d * d;
            }
        });
    }
    centred = sum_groups(centred, t, t.panel.rows, shared);
    float error = centred.x / count;    // of the first mean: it was a sum of large numbers, this is one of small ones
    return make_float2(mean + error, fmaxf(centred.y - centred.x * error, 0.0f));
}

// y = (x - mean) * gamma * rstd + beta, through SiLU where asked; load(at, slot) gives the pack of x.
template <typename T, int W, typename Load>
__device__ __forceinline__ void group_normalise(
        const GroupTile& t, float mean, float rstd, const float* __restrict__ gamma, const float* __restrict__ beta,
        T* __restrict__ y, int with_silu, Load load) {
    int slot = threadIdx.x;
    for (int pack = t.panel.column; pack < t.packs; pack += t.panel.columns) {
        float scale[W];
        float shift[W];
#pragma unroll
        for (int i = 0; i < W; i++) {
            scale[i] = gamma[t.channel + pack * W + i] * rstd;
            shift[i] = beta[t.channel + pack * W + i];
        }
        each_pixel<W>(t, pack, slot, [&](size_t at, int slot) {
            Pack<T, W> p = load(at, slot);
#pragma unroll
            for (int i = 0; i < W; i++) {
                float v = (to_float(p.at[i]) - mean) * scale[i] + shift[i];
                p.at[i] = from_float<T>(with_silu ? silu(v) : v);
            }
            store_pack(y + at, p);
        });
    }
}

// What the gradient needs of one channel: gamma, beta and the group's statistics.
template <int W>
struct Affine {
    float gamma[W];
    float beta[W];

    // beta may be null where there is no SiLU
    __device__ __forceinline__ Affine(const float* __restrict__ g, const float* __restrict__ b, int channel) {
#pragma unroll
        for (int i = 0; i < W; i++) {
            gamma[i] = g[channel + i];
            beta[i] = b == nullptr ? 0.0f : b[channel + i];
        }
    }

    // The gradient before SiLU: dy * silu'(gamma * normal + beta); dy itself where there is no SiLU.
    __device__ __forceinline__ float before_silu(float dy, float normal, int i, int with_silu) const {
        return with_silu ? dy * silu_slope(gamma[i] * normal + beta[i]) : dy;
    }
};

// Adds the gradient's sums over the tile's pixels: sums[i] of d, sums[W + i] of d * normal, for each of the thread's
// channels; normal = (x - mean) * rstd, d is dy before SiLU. Copies x and dy to shared memory where copy is not null.
template <typename T, int W>
__device__ __forceinline__ void gradient_sums(
        const GroupTile& t, int pack, int& slot, const Affine<W>& affine, float mean, float rstd, int with_silu,
        const T* __restrict__ x, const T* __restrict__ dy, Pack<T, W>* copy, int copy_slots, float (&sums)[2 * W]) {
    each_pixel<W>(t, pack, slot, [&](size_t at, int slot) {
        Pack<T, W> px = load_pack<W>(x + at);
        Pack<T, W> pd = load_pack<W>(dy + at);
        if (copy != nullptr) {
            copy[slot] = px;
            copy[copy_slots + slot] = pd;
        }
#pragma unroll
        for (int i = 0; i < W; i++) {
            float normal = (to_float(px.at[i]) - mean) * rstd;
            float d = affine.before_silu(to_float(pd.at[i]), normal, i, with_silu);
            sums[i] += d;
            sums[W + i] += d * normal;
        }
    });
}

// Sums over the panel's rows what add(affine, pack, slot, sums) adds up in each thread, writes the channels' sums to out,
// [2][C]: of d (dbeta), then of d * normal (dgamma), unless it is null. Returns, in row 0, the thread's share of the
// group's sums of gamma * d and gamma * d * normal. Needs 2 * W * blockDim.x floats of shared memory.
template <int W, typename F>
__device__ __forceinline__ float2 sum_channels(
        const GroupTile& t, const float* __restrict__ gamma, const float* __restrict__ beta, float* shared,
        float* __restrict__ out, F add) {
    float2 group = make_float2(0.0f, 0.0f);
    int slot = threadIdx.x;
    for (int share = 0; share < t.panel.shares; share++) {
        int pack = share * t.panel.columns + t.panel.column;
        bool inside = pack < t.packs;
        Affine<W> affine(gamma, beta, t.channel + (inside ? pack : 0) * W);
        float sums[2 * W] = {};
        if (inside) {
            add(affine, pack, slot, sums);
        }
        sum_rows(sums, t.panel, shared);
        if (inside && t.panel.row == 0) {
#pragma unroll
            for (int i = 0; i < W; i++) {
                int channel = t.channel + pack * W + i;
                group.x += affine.gamma[i] * sums[i];
                group.y += affine.gamma[i] * sums[W + i];
                if (out != nullptr) {
                    out[channel] = sums[i];
                    out[t.stride + channel] = sums[W + i];
                }
            }
        }
    }
    return group;
}

// dx = rstd * (gamma * d - (sum(gamma * d) + normal * sum(gamma * d * normal)) / M), the two sums over the group in
// `group`, already divided by M; load(at, slot, px, pd) gives the packs of x and dy.
template <typename T, int W, typename Load>
__device__ __forceinline__ void input_gradient(
        const GroupTile& t, const float* __restrict__ gamma, const float* __restrict__ beta, float mean, float rstd,
        float2 group, int with_silu, T* __restrict__ dx, Load load) {
    int slot = threadIdx.x;
    for (int pack = t.panel.column; pack < t.packs; pack += t.panel.columns) {
        Affine<W> affine(gamma, beta, t.channel + pack * W);
        each_pixel<W>(t, pack, slot, [&](size_t at, int slot) {
            Pack<T, W> px;
            Pack<T, W> pd;
            load(at, slot, px, pd);
#pragma unroll
            for (int i = 0; i < W; i++) {
                float normal = (to_float(px.at[i]) - mean) * rstd;
                float d = affine.before_silu(to_float(pd.at[i]), normal, i, with_silu);
                pd.at[i] = from_float<T>(rstd * (affine.gamma[i] * d - (group.x + normal * group.y)));
            }
            store_pack(dx + at, pd);
        });
    }
}

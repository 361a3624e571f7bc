// layer_norm.cu: layer normalisation of rows, and its gradients; float32.
//   mean[r] = sum(x)/C   var[r] = sum((x - mean)^2)/C (biased)   n = (x - mean) / sqrt(var + eps)   y = gamma[c] n + beta[c]
//   dx = (d - sum(d)/C - n sum(d n)/C) / sqrt(var + eps) with d = gamma[c] dy
//   dgamma[c] = sum over r of dy n   dbeta[c] = sum over r of dy      Ba, Kiros & Hinton 2016, section 3
// Shapes   x, y, dy, dx [rows,C]; mean, var [rows]; gamma, beta, dgamma, dbeta [C]. Any extents. Without gamma and beta, which are
//          null then, y = n. y may lie over x, dx over dy or x.
// Threads  a warp a row, eight rows a block of 256; lane l takes packs l, l + 32, ... of the row. layer_norm_sums: block (part, 32
//          columns), lane l takes column l, warp w rows w, w + 8, ... of the part.
// Bytes    forward 8 per element, the row read two times more from L1; backward 12, as much again from L1; sums 8.
// Numbers  centred second pass, as group_norm.cu. Sums over rows: eight strands a part, added in order, then the parts in order by
//          group_norm_parameter_gradients, which takes them as its images: fixed by the number of rows alone.
#include "device.cuh"

// Calls f(first element) for each pack of W that this lane takes.
template <int W, typename F>
__device__ __forceinline__ void each_pack_of_row(int c, F f) {
    for (int i = (threadIdx.x & 31) * W; i < c; i += 32 * W) {
        f(i);
    }
}

// v[i] = gamma[at + i] v[i] where there is one.
template <int W>
__device__ __forceinline__ void times_gamma(Pack<float, W>& v, const float* gamma, int at) {
    if (gamma != nullptr) {
        Pack<float, W> factor = load_pack<W>(gamma + at);
#pragma unroll
        for (int k = 0; k < W; k++) {
            v.at[k] *= factor.at[k];
        }
    }
}

extern "C" __global__ void __launch_bounds__(256) layer_norm_f32(
        const float* x,
        const float* gamma,
        const float* beta,
        float* y,
        float* mean,
        float* var,
        int rows,
        int c,
        float eps) {
    int row = (int) (blockIdx.x * 8 + (threadIdx.x >> 5));
    if (row >= rows) {
        return;                     // the whole warp
    }
    size_t bits = (size_t) x | (size_t) gamma | (size_t) beta | (size_t) y | (size_t) c * sizeof(x[0]);
    with_width<float>(pack_width<float>(bits), [&](auto w) {
        constexpr int W = decltype(w)::value;
        const float* from = x + (size_t) row * c;
        float* to = y + (size_t) row * c;
        float sum = 0.0f;
        each_pack_of_row<W>(c, [&](int i) {
            Pack<float, W> v = load_pack<W>(from + i);
#pragma unroll
            for (int k = 0; k < W; k++) {
                sum += v.at[k];
            }
        });
        float m = warp_sum(sum) / (float) c;
        float squares = 0.0f;
        each_pack_of_row<W>(c, [&](int i) {
            Pack<float, W> v = load_pack<W>(from + i);
#pragma unroll
            for (int k = 0; k < W; k++) {
                float d = v.at[k] - m;
                squares += d * d;
            }
        });
        float variance = warp_sum(squares) / (float) c;
        float r = 1.0f / sqrtf(variance + eps);
        each_pack_of_row<W>(c, [&](int i) {
            Pack<float, W> v = load_pack<W>(from + i);
#pragma unroll
            for (int k = 0; k < W; k++) {
                v.at[k] = (v.at[k] - m) * r;
            }
            times_gamma(v, gamma, i);
            if (beta != nullptr) {
                Pack<float, W> shift = load_pack<W>(beta + i);
#pragma unroll
                for (int k = 0; k < W; k++) {
                    v.at[k] += shift.at[k];
                }
            }
            store_pack(to + i, v);
        });
        if ((threadIdx.x & 31) == 0) {
            mean[row] = m;
            var[row] = variance;
        }
    });
}

extern "C" __global__ void __launch_bounds__(256) layer_norm_backward_f32(
        const float* x,
        const float* gamma,
        const float* mean,
        const float* var,
        const float* dy,
        float* dx,
        int rows,
        int c,
        float eps) {
    int row = (int) (blockIdx.x * 8 + (threadIdx.x >> 5));
    if (row >= rows) {
        return;                     // the whole warp
    }
    size_t bits = (size_t) x | (size_t) gamma | (size_t) dy | (size_t) dx | (size_t) c * sizeof(x[0]);
    with_width<float>(pack_width<float>(bits), [&](auto w) {
        constexpr int W = decltype(w)::value;
        size_t first = (size_t) row * c;
        float m = mean[row];
        float r = 1.0f / sqrtf(var[row] + eps);
        float sum = 0.0f;
        float product = 0.0f;
        each_pack_of_row<W>(c, [&](int i) {
            Pack<float, W> v = load_pack<W>(x + first + i);
            Pack<float, W> d = load_pack<W>(dy + first + i);
            times_gamma(d, gamma, i);
#pragma unroll
            for (int k = 0; k < W; k++) {
                sum += d.at[k];
                product += d.at[k] * ((v.at[k] - m) * r);
            }
        });
        sum = warp_sum(sum) / (float) c;
        product = warp_sum(product) / (float) c;
        each_pack_of_row<W>(c, [&](int i) {
            Pack<float, W> v = load_pack<W>(x + first + i);
            Pack<float, W> d = load_pack<W>(dy + first + i);
            times_gamma(d, gamma, i);
#pragma unroll
            for (int k = 0; k < W; k++) {
                d.at[k] = (d.at[k] - sum - (v.at[k] - m) * r * product) * r;
            }
            store_pack(dx + first + i, d);
        });
    });
}

// channels [parts,2C]: of each part of the rows the sums of dy, then those of dy n.
extern "C" __global__ void __launch_bounds__(256) layer_norm_sums_f32(
        const float* __restrict__ x,
        const float* __restrict__ mean,
        const float* __restrict__ var,
        const float* __restrict__ dy,
        float* __restrict__ channels,
        int rows,
        int c,
        float eps,
        int rows_per_part) {
    __shared__ float partial[2][8][32];
    int lane = threadIdx.x & 31;
    int warp = threadIdx.x >> 5;
    int column = (int) (blockIdx.y * 32) + lane;
    int end = min(rows, (int) (blockIdx.x + 1) * rows_per_part);
    float sum = 0.0f;
    float product = 0.0f;
    if (column < c) {
        for (int row = (int) blockIdx.x * rows_per_part + warp; row < end; row += 8) {
            size_t at = (size_t) row * c + column;
            float d = dy[at];
            sum += d;
            product += d * ((x[at] - mean[row]) * (1.0f / sqrtf(var[row] + eps)));
        }
    }
    partial[0][warp][lane] = sum;
    partial[1][warp][lane] = product;
    __syncthreads();
    if (warp == 0 && column < c) {
        for (int i = 1; i < 8; i++) {
            sum += partial[0][i][lane];
            product += partial[1][i][lane];
        }
        size_t at = (size_t) blockIdx.x * 2 * c + column;
        channels[at] = sum;
        channels[at + c] = product;
    }
}

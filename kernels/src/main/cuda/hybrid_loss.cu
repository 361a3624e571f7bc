// hybrid_loss.cu: the loss of a network that learns the variance of its steps too, and its gradient.
//   loss = mean over images and values of (weight[i] e^2 + bound[row] nats)     e = F - target, f = (v + 1) / 2, d = -f range
//   a step:    nats = (expm1(d) - d + error e^2 exp(d)) / 2      KL of the posterior to the model's step, its mean from F
//   the image: nats = -log max(P(bin of x_0), 1e-12)             for rows with decodes, at mean x_0 + image_f e, sd as f says
//   dF = dloss 2 weight[i] e / n     dv = dloss bound[row] nats'(v) / n     e in nats is a constant: no gradient reaches F
//   Nichol & Dhariwal 2021, section 3.1 and equations 15, 16; Phi(z) = (1 + tanh(sqrt(2/pi) (z + 0.044715 z^3))) / 2 as theirs.
// Shapes   pred, dpred [N,H,W,2C]: F then v of each pixel; target, xt [N,H,W,C]; weight, row [N]; table [rows,8]; any extents;
//          partial [N * parts], for mse_finish of loss.cu; dloss [1].
// Threads  as loss.cu: blocks of 256 that stride over the values of an image, `parts` of them for each image.
// Bytes    hybrid_partial: 12 read per value of an image, 16 where the row decodes. hybrid_backward: 12 (16) read, 8 written.
// Numbers  in double, with one expm1 per value, and one rounding at the end. Fixed order, no atomics. Where P is far below 1 the
//          difference of two tanh has an error of 2^-53 / P of P.
#include "sum.cuh"

// Columns of the table, as ddpm.engine.backend.HybridLoss.
enum BoundColumn { RANGE, ERROR, BOUND, DECODES, LOG_SMALL, IMAGE_X, IMAGE_F, BOUND_COLUMNS = 8 };

// What the network says of a value, and what it should have said.
struct Said {
    double e;
    double v;
    float target;
};

__device__ __forceinline__ Said said_of(const float* pred, const float* target, long long i, int channels) {
    long long pixel = i / channels;
    const float* at = pred + pixel * channels + i;  // 2 C values before this pixel, then its own
    Said s;
    s.target = target[i];
    s.e = (double)at[0] - (double)s.target;
    s.v = (double)at[channels];
    return s;
}

#define ROOT_2_OVER_PI 0.79788456080286535588
#define CUBIC 0.044715
#define LEAST 1e-12

// Phi(z), and its derivative.
__device__ __forceinline__ double2 normal_cdf(double z) {
    double th = tanh(ROOT_2_OVER_PI * (z + CUBIC * z * z * z));
    return make_double2(0.5 * (1.0 + th), 0.5 * (1.0 - th * th) * ROOT_2_OVER_PI * (1.0 + 3.0 * CUBIC * z * z));
}

// Probability of the bin of x_0, and its derivative by the logarithm of the standard deviation.
__device__ double2 bin_of(const float* bound, Said s, float xt) {
    double x0 = (double)bound[IMAGE_X] * (double)xt + (double)bound[IMAGE_F] * (double)s.target;
    double apart = -(double)bound[IMAGE_F] * s.e;
    double log_sd = 0.5 * ((double)bound[LOG_SMALL] + 0.5 * (s.v + 1.0) * (double)bound[RANGE]);
    double per_unit = exp(-log_sd);
    double low = (apart - 1.0 / 255.0) * per_unit;
    double high = (apart + 1.0 / 255.0) * per_unit;
    double2 below = make_double2(0.0, 0.0);  // the first level's bin reaches to minus infinity
    double2 above = make_double2(1.0, 0.0);  // the last one's to infinity
    if (!(x0 < -0.999)) below = normal_cdf(low);
    if (!(x0 > 0.999)) above = normal_cdf(high);
    return make_double2(above.x - below.x, low * below.y - high * above.y);
}

__device__ __forceinline__ double nats_of(const float* bound, Said s, const float* xt, long long i) {
    if (bound[DECODES] != 0.0f) {
        double p = bin_of(bound, s, xt[i]).x;
        return -log(p < LEAST ? LEAST : p);
    }
    double d = -0.5 * (s.v + 1.0) * (double)bound[RANGE];
    double grown = expm1(d);
    return 0.5 * (grown - d + (double)bound[ERROR] * s.e * s.e * (grown + 1.0));
}

// d nats / d v.
__device__ __forceinline__ double slope_of(const float* bound, Said s, const float* xt, long long i) {
    double range = (double)bound[RANGE];
    if (bound[DECODES] != 0.0f) {
        double2 bin = bin_of(bound, s, xt[i]);
        return bin.x < LEAST ? 0.0 : -0.25 * range * bin.y / bin.x;
    }
    double grown = expm1(-0.5 * (s.v + 1.0) * range);
    return -0.25 * range * (grown + (double)bound[ERROR] * s.e * s.e * (grown + 1.0));
}

extern "C" __global__ void __launch_bounds__(SUM_THREADS) hybrid_partial(
        const float* __restrict__ pred,
        const float* __restrict__ target,
        const float* __restrict__ xt,
        const float* __restrict__ weight,
        const int* __restrict__ row,
        const float* __restrict__ table,
        double* __restrict__ partial,
        long long length,  // values of an image
        int channels,
        int parts) {       // blocks of an image
    unsigned image = blockIdx.x / (unsigned)parts;
    const float* bound = table + (size_t)row[image] * BOUND_COLUMNS;
    const float* p_image = pred + 2 * image * length;
    const float* t_image = target + image * length;
    const float* x_image = xt + image * length;
    double of_error = (double)weight[image];
    double of_nats = (double)bound[BOUND];
    double v = 0.0;
    long long first = (long long)(blockIdx.x % (unsigned)parts) * SUM_THREADS + threadIdx.x;
    for (long long i = first; i < length; i += (long long)parts * SUM_THREADS) {
        Said s = said_of(p_image, t_image, i, channels);
        v += of_error * s.e * s.e + of_nats * nats_of(bound, s, x_image, i);
    }
    double sum = sum_over_block(v);
    if (threadIdx.x == 0) {
        partial[blockIdx.x] = sum;
    }
}

extern "C" __global__ void __launch_bounds__(SUM_THREADS) hybrid_backward(
        const float* __restrict__ pred,
        const float* __restrict__ target,
        const float* __restrict__ xt,
        const float* __restrict__ weight,
        const int* __restrict__ row,
        const float* __restrict__ table,
        const float* __restrict__ dloss,
        float* __restrict__ dpred,
        int images,
        long long length,
        int channels,
        int parts) {
    unsigned image = blockIdx.x / (unsigned)parts;
    const float* bound = table + (size_t)row[image] * BOUND_COLUMNS;
    const float* p_image = pred + 2 * image * length;
    const float* t_image = target + image * length;
    const float* x_image = xt + image * length;
    float* d_image = dpred + 2 * image * length;
    double share = (double)dloss[0] / ((double)images * (double)length);
    double of_error = 2.0 * share * (double)weight[image];
    double of_nats = share * (double)bound[BOUND];
    long long first = (long long)(blockIdx.x % (unsigned)parts) * SUM_THREADS + threadIdx.x;
    for (long long i = first; i < length; i += (long long)parts * SUM_THREADS) {
        Said s = said_of(p_image, t_image, i, channels);
        float* at = d_image + i / channels * channels + i;
        at[0] = (float)(of_error * s.e);
        at[channels] = (float)(of_nats * slope_of(bound, s, x_image, i));
    }
}

// v1_thread_per_group.cu: group normalisation, one thread for each group of an image.
//   mean[n,g] = sum(x)/M   var[n,g] = sum((x - mean)^2)/M   M = pixels*channels/groups
//   y = gamma[c] * (x - mean) / sqrt(var + eps) + beta[c]                              Wu & He 2018, section 3.1
// Shapes   x, y [N,pixels,channels]; gamma, beta [channels]; mean, var [N,groups]. channels % groups == 0.
// Threads  block n has image n; its thread t has groups t, t+32, ...
// Bytes    x read three times, y written: 16 per element. At each load the threads of a warp stand channels/groups apart:
//          memory delivers 32 bytes to each, of which it uses 4.
// Numbers  centred second pass: E[x^2] - mean^2 loses log2(mean^2/var) bits. Running sums of M terms.
// Teaches  the formula, as a loop. 64 images of 8 groups keep 512 threads busy; a large GPU holds 100000 and more.
extern "C" __global__ void __launch_bounds__(32) group_norm_v1(
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
    int group_channels = channels / groups;
    float count = (float) pixels * (float) group_channels;
    for (int group = threadIdx.x; group < groups; group += 32) {
        int first = group * group_channels;
        size_t image = (size_t) blockIdx.x * pixels * channels;
        float sum = 0.0f;
        for (int pixel = 0; pixel < pixels; pixel++) {
            for (int c = first; c < first + group_channels; c++) {
                sum += x[image + (size_t) pixel * channels + c];
            }
        }
        float m = sum / count;
        float squares = 0.0f;
        for (int pixel = 0; pixel < pixels; pixel++) {
            for (int c = first; c < first + group_channels; c++) {
                float d = x[image + (size_t) pixel * channels + c] - m;
                squares += d * d;
            }
        }
        float v = squares / count;
        float rstd = 1.0f / sqrtf(v + eps);
        for (int pixel = 0; pixel < pixels; pixel++) {
            for (int c = first; c < first + group_channels; c++) {
                size_t at = image + (size_t) pixel * channels + c;
                y[at] = gamma[c] * (x[at] - m) * rstd + beta[c];
            }
        }
        mean[(size_t) blockIdx.x * groups + group] = m;
        var[(size_t) blockIdx.x * groups + group] = v;
    }
}

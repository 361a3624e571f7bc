// embedding.cu: sinusoidal embedding of times.
//   y[i,sines+k] = sin(t[i] / f_k), y[i,cosines+k] = cos(t[i] / f_k), f_k = 10000^(k/span)       Vaswani et al. 2017, 3.5
// Shapes   t [n], y [n,dim], float32; dim even; sines, cosines: 0 and dim/2, in either order.
// Threads  one for each angle, in strides of the grid; any grid.
// Bytes    4 per element; 32 KB for a batch of 64, so only the launch takes time.
// Numbers  an angle of 999 has 10 bits before the point, so float32 would leave 14 behind it. The angle is computed in
//          double and reduced to half turns within [-1, 1]; what float32 cannot hold of that, `rest`, is added by
//          sin(a + rest) = sin(a) + rest * cos(a). sincospif has no slow path for large arguments.
#include "device.cuh"

extern "C" __global__ void timestep_embedding(
        const float* __restrict__ t,
        float* __restrict__ y,
        int n,
        int dim,
        int sines,
        int cosines,
        float span) {
    const double inverse_pi = 0.31830988618379067154;
    const double log_10000 = 9.2103403719761827361;
    int half = dim / 2;
    long long count = (long long) n * half;
    for (long long i = (long long) blockIdx.x * blockDim.x + threadIdx.x; i < count;
            i += (long long) gridDim.x * blockDim.x) {
        int row = (int) (i / half);
        int k = (int) (i % half);
        double turns = (double) t[row] * exp(-log_10000 * k / span) * inverse_pi;
        turns -= 2.0 * rint(turns * 0.5);
        float rounded = (float) turns;
        float rest = (float) (turns - rounded) * 3.14159265f;
        float sine;
        float cosine;
        sincospif(rounded, &sine, &cosine);
        y[(size_t) row * dim + sines + k] = sine + rest * cosine;
        y[(size_t) row * dim + cosines + k] = cosine - rest * sine;
    }
}

// v1_one_thread.cu: y[0] = sum of x, the way a single processor adds.
//   y = ((x[0] + x[1]) + x[2]) + ...
// Shapes   x [n], any n; y [1].
// Threads  one.
// Bytes    4 read per element. There is one thread, so while it waits for an addition no other thread works.
// Numbers  a running float sum loses up to n - 1 roundings of its largest value: at a million elements, half of the digits.
// Teaches  a GPU's one thread is slower than a CPU's; the work must be cut, and cutting also makes the sum more accurate.
extern "C" __global__ void reduction_v1(
        const float* __restrict__ x,
        float* __restrict__ y,
        long long n) {
    float sum = 0.0f;
    for (long long i = 0; i < n; i++) {
        sum += x[i];
    }
    y[0] = sum;
}

// map.cuh: y[i] = f(a[i]) or f(a[i], b[i]) over n elements, 16 bytes at a time where all addresses allow it, then what is
// left one by one. Each thread reads before it writes, so y may lie over an input of its type; hence no __restrict__ here.
#pragma once
#include "device.cuh"

// Calls pack(first element) for each full pack of the thread and single(element) for the elements behind them.
template <typename T, typename P, typename S>
__device__ __forceinline__ void each_element(long long n, size_t addresses, P pack, S single) {
    constexpr int W = full_pack<T>();
    long long thread = (long long) blockIdx.x * blockDim.x + threadIdx.x;
    long long threads = (long long) gridDim.x * blockDim.x;
    long long packs = pack_width<T>(addresses) == W ? n / W : 0;
    for (long long i = thread; i < packs; i += threads) {
        pack(i * W);
    }
    for (long long i = packs * W + thread; i < n; i += threads) {
        single(i);
    }
}

template <typename T, typename F>
__device__ __forceinline__ void map(long long n, const T* a, T* y, F f) {
    constexpr int W = full_pack<T>();
    each_element<T>(n, (size_t) a | (size_t) y,
            [&](long long i) {
                Pack<T, W> p = load_pack<W>(a + i);
#pragma unroll
                for (int k = 0; k < W; k++) {
                    p.at[k] = from_float<T>(f(to_float(p.at[k])));
                }
                store_pack(y + i, p);
            },
            [&](long long i) { y[i] = from_float<T>(f(to_float(a[i]))); });
}

template <typename T, typename F>
__device__ __forceinline__ void map(long long n, const T* a, const T* b, T* y, F f) {
    constexpr int W = full_pack<T>();
    each_element<T>(n, (size_t) a | (size_t) b | (size_t) y,
            [&](long long i) {
                Pack<T, W> p = load_pack<W>(a + i);
                Pack<T, W> q = load_pack<W>(b + i);
#pragma unroll
                for (int k = 0; k < W; k++) {
                    p.at[k] = from_float<T>(f(to_float(p.at[k]), to_float(q.at[k])));
                }
                store_pack(y + i, p);
            },
            [&](long long i) { y[i] = from_float<T>(f(to_float(a[i]), to_float(b[i]))); });
}

// y[i] = x[i] in another type: four at a time, which is 16 bytes of the one that is float.
template <typename S, typename T>
__device__ __forceinline__ void cast(long long n, const S* x, T* y) {
    constexpr int W = full_pack<float>();
    each_element<float>(n, (size_t) x | (size_t) y,
            [&](long long i) {
                Pack<S, W> p = load_pack<W>(x + i);
                Pack<T, W> q;
#pragma unroll
                for (int k = 0; k < W; k++) {
                    q.at[k] = from_float<T>(to_float(p.at[k]));
                }
                store_pack(y + i, q);
            },
            [&](long long i) { y[i] = from_float<T>(to_float(x[i])); });
}

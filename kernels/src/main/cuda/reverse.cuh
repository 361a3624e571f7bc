// reverse.cuh: the numbers of a reverse step as they lie in device memory, and the estimate of x_0 that they begin with.
#pragma once
#include "philox.cuh"

// Words of ddpm.engine.backend.ReverseStep.Numbers, which has their meanings.
struct Word {
    enum {
        KEY,
        FIRST_IMAGE,
        A,
        B,
        RANGE,
        W0,
        WX,
        WF,
        SD,
        K0,
        KX,
        KF,
        KEEP,
        SAVE,
        V0,
        VX,
        VF,
        LOG_LARGE,
        LOG_SMALL,
        QUANTILE,
        W_SLOTS = 20,
        V_SLOTS = 28,
        INPUT_SCALE = 36
    };
};

__device__ __forceinline__ float number(const int* numbers, int word) {
    return __int_as_float(numbers[word]);
}

__device__ __forceinline__ float estimate(float a, float b, float x, float f) {
    return __fadd_rn(__fmul_rn(a, x), __fmul_rn(b, f));
}

// Place in an output of 2C channels a pixel of value k of an image of C channels; C behind it lies its variance.
__device__ __forceinline__ int of_two_halves(int k, int channels) {
    return k + k / channels * channels;
}

// optimizer.cu: one update of all parameters in a launch. Kingma & Ba 2015; Loshchilov & Hutter 2019 (AdamW), PyTorch's form.
//   w = p * keep                          d = grad * scale + l2 * w
//   m = m * beta1 + d * (1 - beta1)       v = v * beta2 + d * d * (1 - beta2)
//   p = w - step_size * m / (sqrt(v) * root_scale + eps)
//   SGD: d = grad * scale + l2 * p       v = v * momentum + d      p = p - step_size * (nesterov ? d + momentum * v : v)
//        Sutskever et al. 2013, section 2, PyTorch's form
//   ema = ema + (p - ema) * ema_rest
// Shapes   each slot's p, grad, m, v, ema [n], any n. numbers: UpdateNumbers. state: gradient_clip in reduce.cu.
// Threads  slots.cuh: blocks of 256 over 4096 elements of one slot. Nothing happens where state[2] is 0.
// Bytes    adam: 16 read, 12 written per element. sgd: 12 read, 8 written. ema: 8 read, 4 written. Adam and ema in one kernel would read p once, a tenth
//          of the traffic; they are two because a run without ema has the same adam.
// Numbers  one rounding per operation, as CpuOptimizer: the same bits.
#include "slots.cuh"

struct AdamNumbers {
    float scale;
    float l2;
    float keep;
    float beta1;
    float rest1;
    float beta2;
    float rest2;
    float step_size;
    float root_scale;
    float eps;
};

__device__ __forceinline__ void adam_update(const AdamNumbers& g, float& p, float grad, float& m, float& v) {
    float w = __fmul_rn(p, g.keep);
    float d = __fadd_rn(__fmul_rn(grad, g.scale), __fmul_rn(g.l2, w));
    m = __fadd_rn(__fmul_rn(m, g.beta1), __fmul_rn(d, g.rest1));
    v = __fadd_rn(__fmul_rn(v, g.beta2), __fmul_rn(__fmul_rn(d, d), g.rest2));
    float root = __fadd_rn(__fmul_rn(__fsqrt_rn(v), g.root_scale), g.eps);
    p = __fsub_rn(w, __fdiv_rn(__fmul_rn(g.step_size, m), root));
}

extern "C" __global__ void __launch_bounds__(SLOT_THREADS) adam(
        const int* __restrict__ numbers,  // UpdateNumbers: keep, step size, root scale
        const float* __restrict__ state,
        float beta1,
        float rest1,
        float beta2,
        float rest2,
        float eps,
        float l2,
        int decays,  // without: keep counts as 1
        const SlotList<4, 88> list) {
    if (state[2] == 0.0f) {
        return;
    }
    AdamNumbers g;
    g.scale = state[1];
    g.l2 = l2;
    g.keep = decays ? __int_as_float(numbers[1]) : 1.0f;
    g.beta1 = beta1;
    g.rest1 = rest1;
    g.beta2 = beta2;
    g.rest2 = rest2;
    g.step_size = __int_as_float(numbers[2]);
    g.root_scale = __int_as_float(numbers[3]);
    g.eps = eps;

    int slot = slot_of(list, (int)blockIdx.x);
    float* p = list.pointer[slot][0];
    const float* grad = list.pointer[slot][1];
    float* m = list.pointer[slot][2];
    float* v = list.pointer[slot][3];
    long long n = list.n[slot];
    long long start = (long long)((int)blockIdx.x - list.first_block[slot]) * SLOT_CHUNK;
    for (int i = 4 * (int)threadIdx.x; i < SLOT_CHUNK; i += 4 * SLOT_THREADS) {
        long long at = start + i;
        if (at + 3 < n) {
            float4 p4 = *reinterpret_cast<float4*>(p + at);
            float4 grad4 = *reinterpret_cast<const float4*>(grad + at);
            float4 m4 = *reinterpret_cast<float4*>(m + at);
            float4 v4 = *reinterpret_cast<float4*>(v + at);
            adam_update(g, p4.x, grad4.x, m4.x, v4.x);
            adam_update(g, p4.y, grad4.y, m4.y, v4.y);
            adam_update(g, p4.z, grad4.z, m4.z, v4.z);
            adam_update(g, p4.w, grad4.w, m4.w, v4.w);
            *reinterpret_cast<float4*>(p + at) = p4;
            *reinterpret_cast<float4*>(m + at) = m4;
            *reinterpret_cast<float4*>(v + at) = v4;
        } else {
            for (long long k = at; k < n; k++) {
                adam_update(g, p[k], grad[k], m[k], v[k]);
            }
        }
    }
}

struct SgdNumbers {
    float scale;
    float l2;
    float momentum;
    float step_size;
    int nesterov;
};

__device__ __forceinline__ void sgd_update(const SgdNumbers& g, float& p, float grad, float& v) {
    float d = __fadd_rn(__fmul_rn(grad, g.scale), __fmul_rn(g.l2, p));
    v = __fadd_rn(__fmul_rn(v, g.momentum), d);
    float by = g.nesterov ? __fadd_rn(d, __fmul_rn(g.momentum, v)) : v;
    p = __fsub_rn(p, __fmul_rn(g.step_size, by));
}

extern "C" __global__ void __launch_bounds__(SLOT_THREADS) sgd(
        const int* __restrict__ numbers,  // UpdateNumbers: step size
        const float* __restrict__ state,
        float momentum,
        float l2,
        int nesterov,
        const SlotList<3, 108> list) {
    if (state[2] == 0.0f) {
        return;
    }
    SgdNumbers g;
    g.scale = state[1];
    g.l2 = l2;
    g.momentum = momentum;
    g.step_size = __int_as_float(numbers[2]);
    g.nesterov = nesterov;

    int slot = slot_of(list, (int)blockIdx.x);
    float* p = list.pointer[slot][0];
    const float* grad = list.pointer[slot][1];
    float* v = list.pointer[slot][2];
    long long n = list.n[slot];
    long long start = (long long)((int)blockIdx.x - list.first_block[slot]) * SLOT_CHUNK;
    for (int i = 4 * (int)threadIdx.x; i < SLOT_CHUNK; i += 4 * SLOT_THREADS) {
        long long at = start + i;
        if (at + 3 < n) {
            float4 p4 = *reinterpret_cast<float4*>(p + at);
            float4 grad4 = *reinterpret_cast<const float4*>(grad + at);
            float4 v4 = *reinterpret_cast<float4*>(v + at);
            sgd_update(g, p4.x, grad4.x, v4.x);
            sgd_update(g, p4.y, grad4.y, v4.y);
            sgd_update(g, p4.z, grad4.z, v4.z);
            sgd_update(g, p4.w, grad4.w, v4.w);
            *reinterpret_cast<float4*>(p + at) = p4;
            *reinterpret_cast<float4*>(v + at) = v4;
        } else {
            for (long long k = at; k < n; k++) {
                sgd_update(g, p[k], grad[k], v[k]);
            }
        }
    }
}

__device__ __forceinline__ float ema_update(float ema, float p, float rest) {
    return __fadd_rn(ema, __fmul_rn(__fsub_rn(p, ema), rest));
}

extern "C" __global__ void __launch_bounds__(SLOT_THREADS) ema(
        const int* __restrict__ numbers,  // UpdateNumbers: ema rests
        const float* __restrict__ state,
        int which,  // of the averages
        const SlotList<2, 140> list) {
    if (state[2] == 0.0f) {
        return;
    }
    float rest = __int_as_float(numbers[4 + which]);
    int slot = slot_of(list, (int)blockIdx.x);
    const float* p = list.pointer[slot][0];
    float* average = list.pointer[slot][1];
    long long n = list.n[slot];
    long long start = (long long)((int)blockIdx.x - list.first_block[slot]) * SLOT_CHUNK;
    for (int i = 4 * (int)threadIdx.x; i < SLOT_CHUNK; i += 4 * SLOT_THREADS) {
        long long at = start + i;
        if (at + 3 < n) {
            float4 p4 = *reinterpret_cast<const float4*>(p + at);
            float4 e4 = *reinterpret_cast<float4*>(average + at);
            e4.x = ema_update(e4.x, p4.x, rest);
            e4.y = ema_update(e4.y, p4.y, rest);
            e4.z = ema_update(e4.z, p4.z, rest);
            e4.w = ema_update(e4.w, p4.w, rest);
            *reinterpret_cast<float4*>(average + at) = e4;
        } else {
            for (long long k = at; k < n; k++) {
                average[k] = ema_update(average[k], p[k], rest);
            }
        }
    }
}

// cudnn.h: what the simulated cuDNN keeps behind its handles and descriptors, the numbers of its interface, and its rules.
#pragma once
#include <cstdarg>
#include <cstddef>
#include <cstdio>

#include "convolution.h"
#include "simulator.h"

namespace cudnn {

using convolution::Pass;
using convolution::Problem;

// cuDNN 9: the thousands say the kind of error, the rest the reason.
enum Status {
    SUCCESS = 0,
    BAD_PARAM = 2000,
    BAD_PARAM_NULL_POINTER = 2002,
    BAD_PARAM_MISALIGNED_POINTER = 2003,
    BAD_PARAM_SIZE_INSUFFICIENT = 2006,
    BAD_PARAM_SHAPE_MISMATCH = 2008,
    NOT_SUPPORTED = 3000,
    DEVICE_ALLOCATION_FAILED = 4004,
    EXECUTION_FAILED = 5000
};
enum Format { NHWC = 1 };
enum DataType { FLOAT = 0, BFLOAT16 = 9 };
enum MathType { DEFAULT_MATH = 0, TENSOR_OP_MATH = 1, ALLOW_CONVERSION_MATH = 2, FMA_MATH = 3 };
enum Mode { CROSS_CORRELATION = 1 };

// Each object says what it is, so that a pointer to anything else is noticed.
enum Kind : unsigned { DESTROYED = 0, HANDLE = 0xcdaa0001, TENSOR, FILTER, CONVOLUTION };

struct Object {
    Kind kind;
    bool set;       // false until its values are given
};

struct Handle : Object {
    void *stream;
};

struct Tensor : Object {
    int type;
    convolution::Extents extents;
};

struct Filter : Object {
    int type;
    long k;
    long r;
    long s;
    long c;
};

struct Convolution : Object {
    long padding_h;
    long padding_w;
    long stride_h;
    long stride_w;
    int math;
};

// cudnnConvolution*AlgoPerf_t, the same for all three passes.
struct Performance {
    int algorithm;
    int status;
    float milliseconds;
    size_t memory;
    int deterministic;
    int math;
    int reserved[3];
};

// Says the text on stderr and gives the status.
inline int refuse(int status, const char *format, ...) __attribute__((format(printf, 2, 3)));

inline int refuse(int status, const char *format, ...) {
    char text[400];
    va_list args;
    va_start(args, format);
    std::vsnprintf(text, sizeof text, format, args);
    va_end(args);
    cusim_say(text);
    return status;
}

template <typename T>
const T *object(const void *pointer, Kind kind) {
    const T *o = (const T *) pointer;
    return o != nullptr && o->kind == kind && o->set ? o : nullptr;
}

// Puts the problem together; 0, or a status after saying why the descriptors do not fit together.
inline int problem_of(
        const char *call, Pass pass, const void *x_descriptor, const void *w_descriptor, const void *descriptor,
        const void *y_descriptor, Problem *out, int *math) {
    const Tensor *x = object<Tensor>(x_descriptor, TENSOR);
    const Tensor *y = object<Tensor>(y_descriptor, TENSOR);
    const Filter *w = object<Filter>(w_descriptor, FILTER);
    const Convolution *c = object<Convolution>(descriptor, CONVOLUTION);
    if (!x || !y || !w || !c) {
        return refuse(BAD_PARAM, "%s: a descriptor is null, destroyed, empty or of another kind", call);
    }
    if (x->type != y->type || x->type != w->type) {
        return refuse(BAD_PARAM, "%s: types x %d, w %d, y %d; they must be the same", call, x->type, w->type, y->type);
    }
    long p = (x->extents.h + 2 * c->padding_h - w->r) / c->stride_h + 1;
    long q = (x->extents.w + 2 * c->padding_w - w->s) / c->stride_w + 1;
    if (x->extents.h + 2 * c->padding_h < w->r || x->extents.w + 2 * c->padding_w < w->s) {
        return refuse(BAD_PARAM_SHAPE_MISMATCH, "%s: the window does not fit into the image", call);
    }
    const convolution::Extents &have = y->extents;
    if (x->extents.c != w->c || have.n != x->extents.n || have.h != p || have.w != q || have.c != w->k) {
        return refuse(
                BAD_PARAM_SHAPE_MISMATCH, "%s: x has %ld channels, w %ld; y is %ldx%ldx%ldx%ld, should be %ldx%ldx%ldx%ld",
                call, x->extents.c, w->c, have.n, have.h, have.w, have.c, x->extents.n, p, q, w->k);
    }
    bool bf16 = x->type == BFLOAT16;
    bool tf32 = !bf16 && c->math != FMA_MATH;
    *out = Problem{
            pass, x->extents, have, w->r, w->s, c->stride_h, c->stride_w, c->padding_h, c->padding_w,
            bf16 ? products::Type::BF16 : products::Type::F32,
            tf32 ? products::Rounding::TF32 : products::Rounding::NONE,
            1, 0, nullptr, nullptr, nullptr};
    *math = c->math;
    return SUCCESS;
}

}  // namespace cudnn

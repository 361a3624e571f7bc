// cudnn.cpp: libcudnn on the CPU: the convolutions of the older interface that the engine calls, on the simulated stream.
//   Tensors NHWC in fp32 or bf16, two dimensions, no dilation, no groups. Three passes, each with a heuristic, a search
//   (which waits for the device, so it fails while a stream is captured, and spoils its result) and a run.
//   Anything else says so on stderr and gives NOT_SUPPORTED.
#include "cudnn.h"

#include <cstdlib>
#include <cstring>

#include "cudnn_job.h"

#define EXPORT extern "C" __attribute__((visibility("default")))
#define API EXPORT int

using namespace cudnn;

namespace {

template <typename T>
int create(void **out, Kind kind) {
    if (out == nullptr) {
        return refuse(BAD_PARAM_NULL_POINTER, "cudnnCreate*: no place for the result");
    }
    T *made = (T *) std::calloc(1, sizeof(T));
    made->kind = kind;
    *out = made;
    return SUCCESS;
}

int destroy(const char *call, void *pointer, Kind kind) {
    Object *o = (Object *) pointer;
    if (o == nullptr || o->kind != kind) {
        return refuse(BAD_PARAM, "%s: null, destroyed before or of another kind", call);
    }
    o->kind = DESTROYED;
    std::free(o);
    return SUCCESS;
}

// An object that was made, whether its values are set or not; null after saying what is wrong.
template <typename T>
T *made(const char *call, void *pointer, Kind kind) {
    T *o = (T *) pointer;
    if (o != nullptr && o->kind == kind) {
        return o;
    }
    refuse(BAD_PARAM, "%s: null, destroyed or of another kind", call);
    return nullptr;
}

bool known(int type) {
    return type == FLOAT || type == BFLOAT16;
}

bool aligned(const void *pointer) {
    return (size_t) pointer % 16 == 0;
}

int submit(
        Pass pass, void *handle, const void *alpha, const void *x_descriptor, const void *x, const void *w_descriptor,
        const void *w, const void *descriptor, int number, void *workspace, size_t bytes, const void *beta,
        const void *y_descriptor, const void *y) {
    const char *name = name_of(pass);
    Problem p{};
    int math = DEFAULT_MATH;
    Handle *h = made<Handle>(name, handle, HANDLE);
    if (h == nullptr) {
        return BAD_PARAM;
    }
    if (int status = problem_of(name, pass, x_descriptor, w_descriptor, descriptor, y_descriptor, &p, &math)) {
        return status;
    }
    if (!alpha || !beta || !x || !w || !y) {
        return refuse(BAD_PARAM_NULL_POINTER, "%s: null for a tensor, alpha or beta", name);
    }
    const Algorithm *algorithm = algorithm_of(pass, number);
    if (algorithm == nullptr) {
        return refuse(BAD_PARAM, "%s: no such algorithm: %d", name, number);
    }
    const char *reason = unsupported(*algorithm, p, math, Asked::RUN);
    if (reason != nullptr) {
        return refuse(NOT_SUPPORTED, "%s: algorithm %d: %s", name, number, reason);
    }
    size_t needed = workspace_bytes(*algorithm, p);
    if (bytes < needed || (needed > 0 && workspace == nullptr)) {
        return refuse(
                BAD_PARAM_SIZE_INSUFFICIENT, "%s: algorithm %d needs a workspace of %zu bytes, given %zu", name, number,
                needed, bytes);
    }
    if (!aligned(x) || !aligned(w) || !aligned(y) || !aligned(workspace)) {
        return refuse(BAD_PARAM_MISALIGNED_POINTER, "%s: a tensor or the workspace is not aligned to 16 bytes", name);
    }
    p.alpha = *(const float *) alpha;
    p.beta = *(const float *) beta;
    p.x_data = (void *) x;
    p.w_data = (void *) w;
    p.y_data = (void *) y;
    Job *job = (Job *) std::malloc(sizeof(Job));
    *job = Job{p, *algorithm, workspace, needed};
    return cusim_submit(h->stream, run, job) ? EXECUTION_FAILED : SUCCESS;
}

int workspace_size(
        Pass pass, const void *x, const void *w, const void *descriptor, const void *y, int number, size_t *bytes) {
    Problem p{};
    int math = DEFAULT_MATH;
    if (int status = problem_of("cudnnGet*WorkspaceSize", pass, x, w, descriptor, y, &p, &math)) {
        return status;
    }
    const Algorithm *algorithm = algorithm_of(pass, number);
    if (algorithm == nullptr) {
        return refuse(BAD_PARAM, "cudnnGet*WorkspaceSize: no such algorithm: %d", number);
    }
    if (unsupported(*algorithm, p, math, Asked::SIZE) != nullptr) {
        return NOT_SUPPORTED;
    }
    *bytes = workspace_bytes(*algorithm, p);
    return SUCCESS;
}

// As many of the offers as the caller has room for.
void list(const std::vector<Performance> &all, int wanted, int *got, Performance *out) {
    *got = wanted < (int) all.size() ? wanted : (int) all.size();
    std::copy_n(all.begin(), *got, out);
}

int heuristic(
        Pass pass, const void *x, const void *w, const void *descriptor, const void *y, int wanted, int *got,
        Performance *out) {
    Problem p{};
    int math = DEFAULT_MATH;
    if (wanted < 1 || got == nullptr || out == nullptr) {
        return refuse(BAD_PARAM, "cudnnGet*Algorithm_v7: asked for %d algorithms", wanted);
    }
    *got = 0;                                      // JCudnn reads it, whatever comes of the call
    if (int status = problem_of("cudnnGet*Algorithm_v7", pass, x, w, descriptor, y, &p, &math)) {
        return status;
    }
    list(offers(p, math, (size_t) -1, false), wanted, got, out);
    return SUCCESS;
}

int search(
        Pass pass, void *handle, const void *x_descriptor, const void *x, const void *w_descriptor, const void *w,
        const void *descriptor, const void *y_descriptor, const void *y, int wanted, int *got, Performance *out,
        void *workspace, size_t bytes) {
    const char *name = "cudnnFindConvolution*AlgorithmEx";
    Problem p{};
    int math = DEFAULT_MATH;
    Handle *h = made<Handle>(name, handle, HANDLE);
    if (h == nullptr || wanted < 1 || got == nullptr || out == nullptr) {
        return refuse(BAD_PARAM, "%s: no handle, or nothing asked for", name);
    }
    *got = 0;                                      // JCudnn reads it, whatever comes of the call
    if (int status = problem_of(name, pass, x_descriptor, w_descriptor, descriptor, y_descriptor, &p, &math)) {
        return status;
    }
    if (cusim_synchronize(h->stream, name) != 0) {
        return EXECUTION_FAILED;
    }
    p.x_data = (void *) x;
    p.w_data = (void *) w;
    p.y_data = (void *) y;
    if (check_ranges(Job{p, Algorithm{}, workspace, bytes}) != 0) {
        return EXECUTION_FAILED;
    }
    std::memset(result_of(p), 0xff, p.bytes(result_elements(p)));
    if (bytes > 0) {
        std::memset(workspace, 0xff, bytes);
    }
    list(offers(p, math, bytes, true), wanted, got, out);
    return SUCCESS;
}

}  // namespace

// ------------------------------------------------------------------------------------------- handle and descriptors

EXPORT size_t cudnnGetVersion() {
    return 90500;
}

EXPORT size_t cudnnGetCudartVersion() {            // what it was built with, whatever the driver supports
    return cusim_cuda * 1000 + (cusim_cuda == 12 ? 60 : 0);
}

EXPORT const char *cudnnGetErrorString(int status) {
    return status == SUCCESS ? "CUDNN_STATUS_SUCCESS" : "an error of the simulated cuDNN";
}

API cudnnCreate(void **handle) {
    int status = create<Handle>(handle, HANDLE);
    if (status == SUCCESS) {
        ((Handle *) *handle)->set = true;
    }
    return status;
}

API cudnnDestroy(void *handle) {
    return destroy("cudnnDestroy", handle, HANDLE);
}

API cudnnSetStream(void *handle, void *stream) {
    Handle *h = made<Handle>("cudnnSetStream", handle, HANDLE);
    if (h == nullptr) {
        return BAD_PARAM;
    }
    h->stream = stream;
    return SUCCESS;
}

API cudnnCreateTensorDescriptor(void **out) {
    return create<Tensor>(out, TENSOR);
}

API cudnnDestroyTensorDescriptor(void *descriptor) {
    return destroy("cudnnDestroyTensorDescriptor", descriptor, TENSOR);
}

API cudnnCreateFilterDescriptor(void **out) {
    return create<Filter>(out, FILTER);
}

API cudnnDestroyFilterDescriptor(void *descriptor) {
    return destroy("cudnnDestroyFilterDescriptor", descriptor, FILTER);
}

API cudnnCreateConvolutionDescriptor(void **out) {
    return create<Convolution>(out, CONVOLUTION);
}

API cudnnDestroyConvolutionDescriptor(void *descriptor) {
    return destroy("cudnnDestroyConvolutionDescriptor", descriptor, CONVOLUTION);
}

API cudnnSetTensor4dDescriptor(void *descriptor, int format, int type, int n, int c, int h, int w) {
    Tensor *t = made<Tensor>("cudnnSetTensor4dDescriptor", descriptor, TENSOR);
    if (t == nullptr || n < 1 || c < 1 || h < 1 || w < 1) {
        return refuse(BAD_PARAM, "cudnnSetTensor4dDescriptor: n %d, c %d, h %d, w %d", n, c, h, w);
    }
    if (format != NHWC || !known(type)) {
        return refuse(NOT_SUPPORTED, "cudnnSetTensor4dDescriptor: format %d, type %d", format, type);
    }
    t->type = type;
    t->extents = convolution::Extents{n, h, w, c};
    t->set = true;
    return SUCCESS;
}

API cudnnSetFilter4dDescriptor(void *descriptor, int type, int format, int k, int c, int r, int s) {
    Filter *f = made<Filter>("cudnnSetFilter4dDescriptor", descriptor, FILTER);
    if (f == nullptr || k < 1 || c < 1 || r < 1 || s < 1) {
        return refuse(BAD_PARAM, "cudnnSetFilter4dDescriptor: k %d, c %d, r %d, s %d", k, c, r, s);
    }
    if (format != NHWC || !known(type)) {
        return refuse(NOT_SUPPORTED, "cudnnSetFilter4dDescriptor: format %d, type %d", format, type);
    }
    *f = Filter{{FILTER, true}, type, k, r, s, c};
    return SUCCESS;
}

API cudnnSetConvolution2dDescriptor(
        void *descriptor, int padding_h, int padding_w, int stride_h, int stride_w, int dilation_h, int dilation_w,
        int mode, int compute_type) {
    Convolution *c = made<Convolution>("cudnnSetConvolution2dDescriptor", descriptor, CONVOLUTION);
    if (c == nullptr || padding_h < 0 || padding_w < 0 || stride_h < 1 || stride_w < 1) {
        return refuse(
                BAD_PARAM, "cudnnSetConvolution2dDescriptor: padding %d %d, stride %d %d", padding_h, padding_w,
                stride_h, stride_w);
    }
    if (dilation_h != 1 || dilation_w != 1 || mode != CROSS_CORRELATION || compute_type != FLOAT) {
        return refuse(
                NOT_SUPPORTED, "cudnnSetConvolution2dDescriptor: dilation %d %d, mode %d, compute type %d", dilation_h,
                dilation_w, mode, compute_type);
    }
    *c = Convolution{{CONVOLUTION, true}, padding_h, padding_w, stride_h, stride_w, DEFAULT_MATH};
    return SUCCESS;
}

API cudnnSetConvolutionMathType(void *descriptor, int math) {
    Convolution *c = made<Convolution>("cudnnSetConvolutionMathType", descriptor, CONVOLUTION);
    if (c == nullptr || (math != DEFAULT_MATH && math != TENSOR_OP_MATH && math != FMA_MATH)) {
        return refuse(NOT_SUPPORTED, "cudnnSetConvolutionMathType: math type %d", math);
    }
    c->math = math;
    return SUCCESS;
}

// ------------------------------------------------------------------------------------------------------ three passes

API cudnnGetConvolutionForwardAlgorithm_v7(
        void *, void *x, void *w, void *descriptor, void *y, int wanted, int *got, void *out) {
    return heuristic(Pass::FORWARD, x, w, descriptor, y, wanted, got, (Performance *) out);
}

API cudnnGetConvolutionBackwardDataAlgorithm_v7(
        void *, void *w, void *y, void *descriptor, void *x, int wanted, int *got, void *out) {
    return heuristic(Pass::BACKWARD_DATA, x, w, descriptor, y, wanted, got, (Performance *) out);
}

API cudnnGetConvolutionBackwardFilterAlgorithm_v7(
        void *, void *x, void *y, void *descriptor, void *w, int wanted, int *got, void *out) {
    return heuristic(Pass::BACKWARD_FILTER, x, w, descriptor, y, wanted, got, (Performance *) out);
}

API cudnnFindConvolutionForwardAlgorithmEx(
        void *handle, void *xd, const void *x, void *wd, const void *w, void *descriptor, void *yd, void *y, int wanted,
        int *got, void *out, void *workspace, size_t bytes) {
    return search(
            Pass::FORWARD, handle, xd, x, wd, w, descriptor, yd, y, wanted, got, (Performance *) out, workspace, bytes);
}

API cudnnFindConvolutionBackwardDataAlgorithmEx(
        void *handle, void *wd, const void *w, void *yd, const void *y, void *descriptor, void *xd, void *x, int wanted,
        int *got, void *out, void *workspace, size_t bytes) {
    return search(
            Pass::BACKWARD_DATA, handle, xd, x, wd, w, descriptor, yd, y, wanted, got, (Performance *) out, workspace,
            bytes);
}

API cudnnFindConvolutionBackwardFilterAlgorithmEx(
        void *handle, void *xd, const void *x, void *yd, const void *y, void *descriptor, void *wd, void *w, int wanted,
        int *got, void *out, void *workspace, size_t bytes) {
    return search(
            Pass::BACKWARD_FILTER, handle, xd, x, wd, w, descriptor, yd, y, wanted, got, (Performance *) out, workspace,
            bytes);
}

API cudnnGetConvolutionForwardWorkspaceSize(
        void *, void *x, void *w, void *descriptor, void *y, int number, size_t *bytes) {
    return workspace_size(Pass::FORWARD, x, w, descriptor, y, number, bytes);
}

API cudnnGetConvolutionBackwardDataWorkspaceSize(
        void *, void *w, void *y, void *descriptor, void *x, int number, size_t *bytes) {
    return workspace_size(Pass::BACKWARD_DATA, x, w, descriptor, y, number, bytes);
}

API cudnnGetConvolutionBackwardFilterWorkspaceSize(
        void *, void *x, void *y, void *descriptor, void *w, int number, size_t *bytes) {
    return workspace_size(Pass::BACKWARD_FILTER, x, w, descriptor, y, number, bytes);
}

API cudnnConvolutionForward(
        void *handle, const void *alpha, void *xd, const void *x, void *wd, const void *w, void *descriptor, int number,
        void *workspace, size_t bytes, const void *beta, void *yd, void *y) {
    return submit(
            Pass::FORWARD, handle, alpha, xd, x, wd, w, descriptor, number, workspace, bytes, beta, yd, y);
}

API cudnnConvolutionBackwardData(
        void *handle, const void *alpha, void *wd, const void *w, void *yd, const void *y, void *descriptor, int number,
        void *workspace, size_t bytes, const void *beta, void *xd, void *x) {
    return submit(
            Pass::BACKWARD_DATA, handle, alpha, xd, x, wd, w, descriptor, number, workspace, bytes, beta, yd, y);
}

API cudnnConvolutionBackwardFilter(
        void *handle, const void *alpha, void *xd, const void *x, void *yd, const void *y, void *descriptor, int number,
        void *workspace, size_t bytes, const void *beta, void *wd, void *w) {
    return submit(
            Pass::BACKWARD_FILTER, handle, alpha, xd, x, wd, w, descriptor, number, workspace, bytes, beta, yd, y);
}

// cublas.cpp: libcublas on the CPU: the calls that the engine makes, queued on the simulated stream.
//   GemmEx and GemmStridedBatchedEx with operands in fp32 or bf16, sums in fp32, results in fp32 or bf16; operands are
//   rounded to TF32 where compute type or math mode say so. Anything else says so on stderr and gives NOT_SUPPORTED.
#include <cstdarg>
#include <cstdio>
#include <cstdlib>

#include "products.h"
#include "simulator.h"

using products::Rounding;
using products::Type;

#define API extern "C" __attribute__((visibility("default"))) int

namespace {

enum Status { SUCCESS = 0, NOT_INITIALIZED = 1, INVALID_VALUE = 7, EXECUTION_FAILED = 13, NOT_SUPPORTED = 15 };
enum DataType { R_32F = 0, R_16BF = 14 };
enum ComputeType { COMPUTE_32F = 68, COMPUTE_32F_PEDANTIC = 69, COMPUTE_32F_FAST_TF32 = 77 };
enum MathMode { DEFAULT_MATH = 0, PEDANTIC_MATH = 2, TF32_TENSOR_OP_MATH = 3, FULL_PRECISION_REDUCTION = 16 };

constexpr unsigned ALIVE = 0xb1a5b1a5u;

struct Handle {
    unsigned alive = ALIVE;
    void *stream = nullptr;
    int math = DEFAULT_MATH;
    void *workspace = nullptr;
    size_t workspace_bytes = 0;
};

// A matrix [rows, columns] in column-major order with a distance between columns and one between the matrices of a batch.
struct Matrix {
    void *data;
    Type type;
    long rows;
    long columns;
    long leading;
    long stride;

    size_t index(long batch, long row, long column) const {
        return (size_t) (batch * stride + column * leading + row);
    }

    size_t bytes(long batch) const {
        return (index(batch - 1, rows - 1, columns - 1) + 1) * products::bytes_of(type);
    }
};

// c = alpha * op(a) * op(b) + beta * c
struct Gemm {
    bool transpose_a;
    bool transpose_b;
    long m;
    long n;
    long k;
    float alpha;
    float beta;
    Matrix a;
    Matrix b;
    Matrix c;
    long batch;
    Rounding rounding;
    void *workspace;
    size_t workspace_bytes;

    // What the product writes of its workspace: enough to spoil what somebody else may keep there.
    size_t scribbled() const {
        return workspace_bytes < 4096 ? workspace_bytes : 4096;
    }
};

int refuse(int status, const char *format, ...) __attribute__((format(printf, 2, 3)));

int refuse(int status, const char *format, ...) {
    char text[300];
    va_list args;
    va_start(args, format);
    std::vsnprintf(text, sizeof text, format, args);
    va_end(args);
    cusim_say(text);
    return status;
}

bool usable(const void *handle) {
    return handle != nullptr && ((const Handle *) handle)->alive == ALIVE;
}

int no_handle(const char *call) {
    return refuse(NOT_INITIALIZED, "%s: the handle was never made or is destroyed", call);
}

// The result's columns are computed side by side: as rows of the row-major c^T = op(b)^T * op(a)^T.
constexpr long SLICE = 32;

struct Slices {
    const Gemm *g;
    std::vector<float> a;       // of one matrix of the batch: op(a)^T, [k, m] row-major
    long batch;
};

void slice(void *argument, long index) {
    const Slices &s = *(const Slices *) argument;
    const Gemm &g = *s.g;
    long first = index * SLICE;
    long columns = g.n - first < SLICE ? g.n - first : SLICE;
    std::vector<float> b((size_t) (columns * g.k));         // op(b)^T, [columns, k]
    for (long j = 0; j < columns; j++) {
        for (long l = 0; l < g.k; l++) {
            size_t at = g.transpose_b ? g.b.index(s.batch, first + j, l) : g.b.index(s.batch, l, first + j);
            b[j * g.k + l] = products::load(g.b.data, g.b.type, g.rounding, at);
        }
    }
    std::vector<float> sums((size_t) (columns * g.m));
    products::multiply(columns, g.m, g.k, b.data(), s.a.data(), sums.data(), false);
    for (long j = 0; j < columns; j++) {
        for (long i = 0; i < g.m; i++) {
            products::store(
                    g.c.data, g.c.type, g.c.index(s.batch, i, first + j), sums[j * g.m + i], g.alpha, g.beta);
        }
    }
}

int check_ranges(const Gemm &g) {
    if (int status = cusim_range(g.a.data, g.a.bytes(g.batch), 0, "cublasGemmEx: A")) {
        return status;
    }
    if (int status = cusim_range(g.b.data, g.b.bytes(g.batch), 0, "cublasGemmEx: B")) {
        return status;
    }
    if (int status = cusim_range(g.c.data, g.c.bytes(g.batch), g.beta == 0 ? 1 : 2, "cublasGemmEx: C")) {
        return status;
    }
    return g.workspace == nullptr ? 0 : cusim_range(g.workspace, g.scribbled(), 1, "cublasGemmEx: workspace");
}

int run(void *argument) {
    const Gemm &g = *(const Gemm *) argument;
    if (int status = check_ranges(g)) {
        return status;
    }
    if (g.workspace != nullptr) {
        std::memset(g.workspace, 0xff, g.scribbled());
    }
    Slices s{&g, std::vector<float>((size_t) (g.k * g.m)), 0};
    for (s.batch = 0; s.batch < g.batch; s.batch++) {
        for (long l = 0; l < g.k; l++) {
            for (long i = 0; i < g.m; i++) {
                size_t at = g.transpose_a ? g.a.index(s.batch, l, i) : g.a.index(s.batch, i, l);
                s.a[l * g.m + i] = products::load(g.a.data, g.a.type, g.rounding, at);
            }
        }
        cusim_parallel((g.n + SLICE - 1) / SLICE, slice, &s);
    }
    return 0;
}

bool known(int type) {
    return type == R_32F || type == R_16BF;
}

Type type_of(int type) {
    return type == R_32F ? Type::F32 : Type::BF16;
}

// What the handle and the compute type make of operands in float; -1 where the pair is not simulated.
int rounding_of(const Handle &h, int compute) {
    bool tf32 = compute == COMPUTE_32F_FAST_TF32
            || (compute == COMPUTE_32F && (h.math & ~FULL_PRECISION_REDUCTION) == TF32_TENSOR_OP_MATH);
    bool plain = compute == COMPUTE_32F || compute == COMPUTE_32F_PEDANTIC;
    return tf32 ? (int) Rounding::TF32 : plain ? (int) Rounding::NONE : -1;
}

}  // namespace

API cublasCreate_v2(void **handle) {
    const char *status = getenv("CUSIM_CUBLAS_STATUS");
    if (status) return atoi(status);
    *handle = new Handle;
    return SUCCESS;
}

API cublasDestroy_v2(void *handle) {
    if (!usable(handle)) {
        return no_handle("cublasDestroy");
    }
    ((Handle *) handle)->alive = 0;
    delete (Handle *) handle;
    return SUCCESS;
}

API cublasGetVersion_v2(void *handle, int *version) {
    *version = cusim_cuda * 10000 + (cusim_cuda == 12 ? 600 : 0);
    return usable(handle) ? SUCCESS : no_handle("cublasGetVersion");
}

// As in the real library a new stream takes the workspace away.
API cublasSetStream_v2(void *handle, void *stream) {
    if (!usable(handle)) {
        return no_handle("cublasSetStream");
    }
    Handle &h = *(Handle *) handle;
    h.stream = stream;
    h.workspace = nullptr;
    h.workspace_bytes = 0;
    return SUCCESS;
}

API cublasSetWorkspace_v2(void *handle, void *workspace, size_t bytes) {
    if (!usable(handle)) {
        return no_handle("cublasSetWorkspace");
    }
    if ((uintptr_t) workspace % 256 != 0) {
        return refuse(INVALID_VALUE, "cublasSetWorkspace: %p is not a multiple of 256", workspace);
    }
    if (cusim_range(workspace, bytes, 1, "cublasSetWorkspace: workspace") != 0) {
        return INVALID_VALUE;
    }
    ((Handle *) handle)->workspace = workspace;
    ((Handle *) handle)->workspace_bytes = bytes;
    return SUCCESS;
}

API cublasSetMathMode(void *handle, int mode) {
    if (!usable(handle)) {
        return no_handle("cublasSetMathMode");
    }
    int base = mode & ~FULL_PRECISION_REDUCTION;
    if (base != DEFAULT_MATH && base != PEDANTIC_MATH && base != TF32_TENSOR_OP_MATH) {
        return refuse(INVALID_VALUE, "cublasSetMathMode: mode %d is not simulated", mode);
    }
    ((Handle *) handle)->math = mode;
    return SUCCESS;
}

API cublasGemmStridedBatchedEx(
        void *handle, int op_a, int op_b, int m, int n, int k,
        const void *alpha, const void *a, int a_type, int lda, long long a_stride,
        const void *b, int b_type, int ldb, long long b_stride,
        const void *beta, void *c, int c_type, int ldc, long long c_stride,
        int batch, int compute, int algorithm) {
    if (!usable(handle)) {
        return no_handle("cublasGemmEx");
    }
    const Handle &h = *(const Handle *) handle;
    if (op_a < 0 || op_a > 1 || op_b < 0 || op_b > 1) {
        return refuse(INVALID_VALUE, "cublasGemmEx: operations %d and %d; 0 plain or 1 transposed", op_a, op_b);
    }
    if (m < 0 || n < 0 || k < 0 || batch < 0) {
        return refuse(INVALID_VALUE, "cublasGemmEx: m %d, n %d, k %d, batch %d", m, n, k, batch);
    }
    int a_rows = op_a ? k : m;
    int b_rows = op_b ? n : k;
    if (lda < (a_rows < 1 ? 1 : a_rows) || ldb < (b_rows < 1 ? 1 : b_rows) || ldc < (m < 1 ? 1 : m)) {
        return refuse(
                INVALID_VALUE, "cublasGemmEx: leading dimensions %d %d %d, at least %d %d %d are needed", lda, ldb, ldc,
                a_rows, b_rows, m);
    }
    int rounding = rounding_of(h, compute);
    bool types = known(a_type) && a_type == b_type && known(c_type) && !(a_type == R_32F && c_type == R_16BF);
    if (!types || rounding < 0 || (compute == COMPUTE_32F_FAST_TF32 && a_type != R_32F) || algorithm != -1) {
        return refuse(
                NOT_SUPPORTED, "cublasGemmEx: types %d %d -> %d, compute type %d, algorithm %d are not simulated",
                a_type, b_type, c_type, compute, algorithm);
    }
    if (alpha == nullptr || beta == nullptr) {
        return refuse(INVALID_VALUE, "cublasGemmEx: alpha and beta are pointers to floats of the host");
    }
    if (m == 0 || n == 0 || batch == 0) {
        return SUCCESS;
    }
    if (k == 0) {
        return refuse(NOT_SUPPORTED, "cublasGemmEx: a sum without terms is not simulated");
    }
    Gemm *g = (Gemm *) std::malloc(sizeof(Gemm));
    *g = Gemm{
            op_a == 1, op_b == 1, m, n, k, *(const float *) alpha, *(const float *) beta,
            Matrix{(void *) a, type_of(a_type), a_rows, op_a ? m : k, lda, a_stride},
            Matrix{(void *) b, type_of(b_type), b_rows, op_b ? k : n, ldb, b_stride},
            Matrix{c, type_of(c_type), m, n, ldc, c_stride},
            batch, (Rounding) rounding, h.workspace, h.workspace_bytes};
    return cusim_submit(h.stream, run, g) ? EXECUTION_FAILED : SUCCESS;
}

API cublasGemmEx(
        void *handle, int op_a, int op_b, int m, int n, int k,
        const void *alpha, const void *a, int a_type, int lda, const void *b, int b_type, int ldb,
        const void *beta, void *c, int c_type, int ldc, int compute, int algorithm) {
    return cublasGemmStridedBatchedEx(
            handle, op_a, op_b, m, n, k, alpha, a, a_type, lda, 0, b, b_type, ldb, 0, beta, c, c_type, ldc, 0, 1, compute,
            algorithm);
}

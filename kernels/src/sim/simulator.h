// simulator.h: what a simulated library (cublas.cpp, cudnn.cpp) asks of the simulated driver.
// All functions live in libcuda.so.1 and may be called from any thread.
//
// A library call checks its arguments at once, as the real one does, and puts the work itself into the stream:
//     auto *work = (Gemm *)std::malloc(sizeof(Gemm));   *work = ...;
//     return cusim_submit(stream, run, work) ? CUBLAS_STATUS_EXECUTION_FAILED : 0;
// `run` may be called later (deferred mode), never (capture), or many times (graph replay), so it must neither free
// nor change its argument. It looks at its operands with cusim_range before it reads or writes them.
#pragma once
#include <cstddef>

extern "C" {

// Queues fn(arg) on a stream (the null stream where stream is null), or records it while the stream is captured.
// arg comes from malloc (or is null) and is freed by the simulator after its last use.
// fn returns 0, or a driver error code, which then sticks to the context as after a failed kernel.
// Result: 0 or a driver error code; kernels that failed earlier show here too.
int cusim_submit(void *stream, int (*fn)(void *arg), void *arg);

// Are [p, p + bytes) device (or mapped host) memory inside one live allocation, and written before they are read?
// write: 0 reads, 1 writes (from then on they count as written), 2 reads and then writes.
// Says what is wrong on stderr, `what` naming the operand ("cublasGemmEx: A"). Result: 0 or a driver error code.
int cusim_range(const void *p, size_t bytes, int write, const char *what);

// For a call that waits for the device (an algorithm search that runs and times its candidates): 0 after all
// work of the stream has run, or an error code: nothing may wait while a stream is captured.
int cusim_synchronize(void *stream, const char *what);

// body(arg, i) for i = 0 .. count-1, spread over the cores. Each index must write its own results only.
void cusim_parallel(long count, void (*body)(void *arg, long i), void *arg);

// One line on stderr, "CUDA simulator: ...", kept as the last report as well (cusim_last_report).
void cusim_say(const char *text);

// The major version of CUDA that cuBLAS or cuDNN is of, 12 or 13: build.sh defines it in each library.
extern const int cusim_cuda;

// For tests (through JNA): the text of the last report and the number of reports so far.
const char *cusim_last_report(void);
long cusim_reports(void);

// For tests: the kernels from source files in `folder` (part of a path) that this process has not run, one a line.
const char *cusim_never_launched(const char *folder);

// The value of one of the options of options.h by its name without CUSIM_.
long cusim_option_value(const char *name);

// For tests: set one of the options of options.h by its name without CUSIM_, e.g. ("DEFERRED", 7). 0, or 1: no such name.
int cusim_option(const char *name, long value);

}  // extern "C"

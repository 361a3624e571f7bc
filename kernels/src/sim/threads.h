// threads.h: what a simulated CUDA thread knows about itself, and what it may call. Shared by the simulator's own
// files and by the translated kernels, so it holds no CUDA keyword and no macro.
#pragma once
#include <cstddef>
#include <cstdint>
#include <cstring>

struct uint3 {
    unsigned x, y, z;
};
struct dim3 {
    unsigned x = 1, y = 1, z = 1;
};

namespace cusim {

struct Block;

struct Place {                  // a line of a .cu file
    const char *file;
    int line;
    bool operator==(const Place &other) const {
        return line == other.line && (file == other.file || std::strcmp(file, other.file) == 0);
    }
};

enum class State : uint8_t { FRESH, READY, AT_BARRIER, IN_WARP, DONE };

struct Thread {                 // one CUDA thread is one fiber
    void *stackPointer;         // where it goes on, while switched out
    char *stack;                // the stack it borrowed
    uint3 index;                // threadIdx
    unsigned linear;            // number in the block
    unsigned lane;              // number in the warp
    unsigned warp;
    unsigned warpSyncs;         // how many __syncwarp it has passed: orders shared memory within a warp
    State state;
    Place waitsAt;
};

struct Current {                // of the CUDA thread that this OS thread is running
    Thread *thread;
    uint3 blockIndex;
    dim3 blockDim, gridDim;
    Block *block;               // null outside a kernel
};
// constinit: or every use would call a function that looks whether the variable has been made yet
extern constinit thread_local __attribute__((tls_model("initial-exec"))) Current current;

// __syncthreads and its three variants
enum class Vote { NONE, COUNT, AND, OR };
int barrier(Vote vote, int predicate, Place place);

// Operations in which the lanes of a mask meet. Result: see warp.cpp.
enum class Meeting { SHUFFLE, SHUFFLE_UP, SHUFFLE_DOWN, SHUFFLE_XOR, BALLOT, SYNC, GATHER };
uint64_t meet(Meeting what, unsigned mask, uint64_t value, int argument, int width, Place place);

// d[4] = a * b + c[4] of mma.sync.aligned.m16n8k16.row.col.f32.bf16.bf16.f32, fragments as in the PTX manual
void mma16816(float d[4], const unsigned a[4], const unsigned b[2], const float c[4], const char *file, int line);

// Shared memory of the running block: a variable by the number of its declaration, and the launch's dynamic part
int newSharedSite();
void *sharedVariable(int site, size_t bytes, size_t alignment, const char *name, Place place);
void *dynamicShared();

// Ends the running kernel with a message that names kernel, block and thread
[[noreturn]] void fail(const char *text, Place place);

}  // namespace cusim

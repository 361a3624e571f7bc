// device_side.h: lets g++ compile CUDA kernels. build.sh includes it before every translated .cu file, which needs no
// #include of its own. Here are the keywords, the built-in variables and the operations in which threads meet;
// device_types.h has the vector types, device_math.h the arithmetic, device_atomics.h the atomics.
// What is missing here fails to compile; add it in the words of the CUDA manual.
#pragma once
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <math.h>
#include <type_traits>
#include <utility>

#include "kernel.h"
#include "threads.h"

#define __CUSIM__ 1

#define __global__ __attribute__((noinline))      // or its lines would be counted as the launcher's
#define __device__
#define __host__
#define __constant__ static const
#define __forceinline__ inline __attribute__((always_inline))
#define __noinline__ __attribute__((noinline))
#define __launch_bounds__(...)
#define __maxnreg__(...)
#define __align__(n) alignas(n)
#define __grid_constant__
#define __builtin_assume(condition) ((void)0)
// translate.cpp rewrites every __shared__ declaration; one that it left over must not compile
#define __shared__ static_assert(false, "one __shared__ variable per declaration, please");

#include "device_types.h"
#include "device_math.h"
#include "device_atomics.h"

#define threadIdx (cusim::current.thread->index)
#define blockIdx (cusim::current.blockIndex)
#define blockDim (cusim::current.blockDim)
#define gridDim (cusim::current.gridDim)
static const int warpSize = 32;

#define CUSIM_HERE (cusim::Place{__FILE__, __LINE__})

// ---- barriers of the block
#define __syncthreads() ((void)cusim::barrier(cusim::Vote::NONE, 0, CUSIM_HERE))
#define __syncthreads_count(predicate) cusim::barrier(cusim::Vote::COUNT, (predicate) != 0, CUSIM_HERE)
#define __syncthreads_and(predicate) cusim::barrier(cusim::Vote::AND, (predicate) != 0, CUSIM_HERE)
#define __syncthreads_or(predicate) cusim::barrier(cusim::Vote::OR, (predicate) != 0, CUSIM_HERE)

// ---- operations of the warp
namespace cusim {
template <class T>
static inline T shuffle(Meeting kind, Place place, unsigned mask, T value, int argument, int width = 32) {
    static_assert(sizeof(T) <= 8 && std::is_trivially_copyable<T>::value, "a shuffle moves at most 8 bytes");
    uint64_t bits = 0;
    std::memcpy(&bits, &value, sizeof value);
    bits = meet(kind, mask, bits, argument, width, place);
    std::memcpy(&value, &bits, sizeof value);
    return value;
}
static inline void syncWarp(Place place, unsigned mask = 0xffffffffu) { meet(Meeting::SYNC, mask, 0, 0, 32, place); }
static inline unsigned ballot(Place place, unsigned mask, bool predicate) {
    return (unsigned)meet(Meeting::BALLOT, mask, predicate, 0, 32, place);
}
}  // namespace cusim
#define __shfl_sync(...) cusim::shuffle(cusim::Meeting::SHUFFLE, CUSIM_HERE, __VA_ARGS__)
#define __shfl_up_sync(...) cusim::shuffle(cusim::Meeting::SHUFFLE_UP, CUSIM_HERE, __VA_ARGS__)
#define __shfl_down_sync(...) cusim::shuffle(cusim::Meeting::SHUFFLE_DOWN, CUSIM_HERE, __VA_ARGS__)
#define __shfl_xor_sync(...) cusim::shuffle(cusim::Meeting::SHUFFLE_XOR, CUSIM_HERE, __VA_ARGS__)
#define __ballot_sync(mask, predicate) cusim::ballot(CUSIM_HERE, mask, (predicate) != 0)
#define __any_sync(mask, predicate) (__ballot_sync(mask, predicate) != 0)
#define __all_sync(mask, predicate) (__ballot_sync(mask, !(predicate)) == 0)
#define __syncwarp(...) cusim::syncWarp(CUSIM_HERE __VA_OPT__(, ) __VA_ARGS__)

// ---- memory order: blocks may run on two cores
static inline void __threadfence() { __atomic_thread_fence(__ATOMIC_SEQ_CST); }
static inline void __threadfence_block() { __atomic_signal_fence(__ATOMIC_SEQ_CST); }
static inline void __threadfence_system() { __threadfence(); }

#define __trap() cusim::fail("__trap()", CUSIM_HERE)

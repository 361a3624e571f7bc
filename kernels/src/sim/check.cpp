// check.cpp: check builds. Kernels compiled with -fsanitize=thread call __tsan_readN or __tsan_writeN before every access
// to memory that another thread could reach; instead of the sanitizer's runtime they find these functions here.
//
// Global memory: every byte is not allocated, unwritten or written (memory.h); races.cpp knows who touched it.
// Shared memory: every byte remembers who wrote and who read it last, and when. "When" is the block's epoch, which a
// __syncthreads ends, and within a warp the number of __syncwarp passed. Two accesses of the same epoch by different
// threads, one of them a write, are a race, unless both threads are of one warp and a __syncwarp lies between.
#include "check.h"

#include <cstring>

#include "block.h"
#include "memory.h"
#include "options.h"
#include "races.h"
#include "report.h"

namespace cusim {

bool checking;

namespace {

constexpr uint16_t NOBODY = 0xffff, SEVERAL = 0xfffe;       // instead of a thread's number

struct Access {                 // the last of its kind to one byte of shared memory
    unsigned epoch = 0, warpSyncs = 0;
    uint16_t thread = NOBODY;   // SEVERAL: of one warp
    uint16_t warp = NOBODY;     // SEVERAL: of the block
};

}  // namespace

struct SharedByte {
    Access write, read;
    ByteState state = NOT_ALLOCATED;
};

namespace {

SharedByte *bytesOf(Block &block) {
    if (!block.sharedBytesSeen) block.sharedBytesSeen.reset(new SharedByte[ARENA_BYTES]);
    return block.sharedBytesSeen.get();
}

// Does nothing order this access of the running thread behind an earlier one in the same epoch?
bool unordered(const Access &earlier, const Thread &t, unsigned epoch) {
    if (earlier.epoch != epoch || earlier.thread == NOBODY || earlier.thread == t.linear) return false;
    return earlier.warp != t.warp || earlier.warpSyncs == t.warpSyncs;
}

std::string nameOf(const Access &a) {
    if (a.warp == SEVERAL) return "threads of several warps";
    if (a.thread == SEVERAL) return text("several threads of warp %u", a.warp);
    return text("thread %u of the block", a.thread);
}

void remember(Access &a, const Thread &t, unsigned epoch) {
    a = Access{epoch, t.warpSyncs, (uint16_t)t.linear, (uint16_t)t.warp};
}

void rememberRead(Access &a, const Thread &t, unsigned epoch) {
    if (a.epoch != epoch || a.thread == NOBODY || a.thread == t.linear) {
        remember(a, t, epoch);
    } else if (a.warp != t.warp) {
        a.warp = a.thread = SEVERAL;
    } else if (a.warpSyncs != t.warpSyncs) {
        remember(a, t, epoch);                  // readers before the __syncwarp are ordered already
    } else {
        a.thread = SEVERAL;
    }
}

template <bool WRITE>
void accessShared(SharedByte *cell, size_t bytes, void *pc) {
    const Thread &t = *current.thread;
    unsigned epoch = current.block->epoch;
    const char *what = WRITE ? "write" : "read";
    for (SharedByte *end = cell + bytes; cell < end; cell++) {
        if (cell->state == NOT_ALLOCATED)
            failAtPc(text("invalid shared memory access: %s of %zu bytes outside every __shared__ variable", what, bytes), pc);
        if (cell->state == WRITTEN && unordered(cell->write, t, epoch))
            failAtPc("shared memory race: " + std::string(what) + " of what " + nameOf(cell->write) +
                         " wrote, with no barrier between", pc);
        if (WRITE) {
            if (unordered(cell->read, t, epoch))
                failAtPc("shared memory race: write of what " + nameOf(cell->read) + " read, with no barrier between", pc);
            cell->state = WRITTEN;
            remember(cell->write, t, epoch);
        } else {
            if (cell->state == UNWRITTEN) failAtPc("read of shared memory that was never written", pc);
            rememberRead(cell->read, t, epoch);
        }
    }
}

template <bool WRITE>
void accessGlobal(char *p, size_t bytes, void *pc) {
    char *state = heap.stateOf(p);
    for (size_t i = 0; i < bytes; i++) {
        if (__builtin_expect(state[i] == NOT_ALLOCATED, 0)) {
            failAtPc(text("invalid global memory access: %s of %zu bytes outside every allocation", WRITE ? "write" : "read",
                          bytes), pc);
        }
        if (WRITE) state[i] = WRITTEN;
        else if (__builtin_expect(state[i] == UNWRITTEN, 0)) failAtPc("read of global memory that was never written", pc);
    }
}

// Constants and static arrays of the kernel files lie in this library.
extern "C" __attribute__((visibility("hidden"))) char __ehdr_start[], _end[];

bool within(const void *p, const void *from, size_t bytes) { return (size_t)((const char *)p - (const char *)from) < bytes; }

// Threads' local variables, launch parameters, threadIdx and its like: kernels reach them by names only
bool isNamed(const Block &b, const void *p) {
    return b.stacks.contains(p) || within(p, b.threads.data(), b.threads.size() * sizeof(Thread)) ||
           within(p, &current, sizeof current) || within(p, b.launch->arguments, (size_t)b.launch->kernel->bytes) ||
           within(p, __ehdr_start, (size_t)(_end - __ehdr_start));
}

template <bool WRITE>
void access(void *address, size_t bytes, void *pc) {
    Block *block = current.block;
    if (!block || !options.CHECK) return;
    char *p = (char *)address;
    Counts &counts = block->counts;
    if (heap.contains(p)) {
        ++(WRITE ? counts.globalWrites : counts.globalReads);
        accessGlobal<WRITE>(p, bytes, pc);
        std::string race = touch<WRITE>(p, bytes);
        if (!race.empty()) failAtPc(race, pc);
    } else if (within(p, block->arena, ARENA_BYTES)) {
        ++(WRITE ? counts.sharedWrites : counts.sharedReads);
        accessShared<WRITE>(bytesOf(*block) + (p - block->arena), bytes, pc);
    } else if (!isNamed(*block, p) && !isPinned(p, bytes)) {
        failAtPc(text("invalid memory access: %s of %zu bytes at %p, which is no memory of the device", WRITE ? "write" : "read",
                      bytes, address), pc);
    }
}

template <bool WRITE, size_t BYTES>
void aligned(void *address, void *pc) {
    if ((uintptr_t)address % BYTES && current.block && options.CHECK)
        failAtPc(text("misaligned memory access: %zu bytes at %p", BYTES, address), pc);
    access<WRITE>(address, BYTES, pc);
}

}  // namespace

void openShared(char *arena, size_t offset, size_t bytes) {
    memset(arena + offset, 0xff, bytes);
    if (!checking) return;
    SharedByte *cell = bytesOf(*current.block) + offset;
    for (size_t i = 0; i < bytes; i++) cell[i] = SharedByte{{}, {}, UNWRITTEN};
    size_t gap = offset + bytes + 64 <= ARENA_BYTES ? 64 : 0;
    for (size_t i = bytes; i < bytes + gap; i++) cell[i].state = NOT_ALLOCATED;
}

}  // namespace cusim

// ---- what the compiler calls
using namespace cusim;

#define HERE __builtin_return_address(0)
#define ACCESSES(N) \
    extern "C" void __tsan_read##N(void *p) { aligned<false, N>(p, HERE); } \
    extern "C" void __tsan_write##N(void *p) { aligned<true, N>(p, HERE); } \
    extern "C" void __tsan_unaligned_read##N(void *p) { access<false>(p, N, HERE); } \
    extern "C" void __tsan_unaligned_write##N(void *p) { access<true>(p, N, HERE); } \
    extern "C" void __tsan_volatile_read##N(void *p) { aligned<false, N>(p, HERE); } \
    extern "C" void __tsan_volatile_write##N(void *p) { aligned<true, N>(p, HERE); }
ACCESSES(1) ACCESSES(2) ACCESSES(4) ACCESSES(8) ACCESSES(16)

// Atomics may meet without a barrier: only the address and, where it is read, the first write are looked at.
template <class T>
static void atomicAccess(const volatile T *p, void *pc) {
    if (!current.block || !options.CHECK || !heap.contains((void *)p)) return;
    accessGlobal<false>((char *)p, sizeof(T), pc);
}

#define ATOMICS(BITS, T) \
    extern "C" T __tsan_atomic##BITS##_load(const volatile T *p, int) { \
        atomicAccess(p, HERE); \
        return __atomic_load_n(p, __ATOMIC_SEQ_CST); \
    } \
    extern "C" void __tsan_atomic##BITS##_store(volatile T *p, T v, int) { __atomic_store_n(p, v, __ATOMIC_SEQ_CST); } \
    extern "C" int __tsan_atomic##BITS##_compare_exchange_strong(volatile T *p, T *expected, T v, int, int) { \
        atomicAccess(p, HERE); \
        return __atomic_compare_exchange_n(p, expected, v, false, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST); \
    } \
    extern "C" T __tsan_atomic##BITS##_fetch_add(volatile T *p, T v, int) { \
        atomicAccess(p, HERE); \
        return __atomic_fetch_add(p, v, __ATOMIC_SEQ_CST); \
    }
ATOMICS(8, uint8_t) ATOMICS(16, uint16_t) ATOMICS(32, uint32_t) ATOMICS(64, uint64_t)

extern "C" {
void __tsan_init() { checking = true; }         // called by every kernel file when the library is loaded
void __tsan_func_entry(void *) {}
void __tsan_func_exit() {}
void __tsan_atomic_thread_fence(int) {}
void __tsan_atomic_signal_fence(int) {}
void __tsan_read_range(void *p, unsigned long n) {
    if (n) access<false>(p, n, HERE);
}
void __tsan_write_range(void *p, unsigned long n) {
    if (n) access<true>(p, n, HERE);
}
}

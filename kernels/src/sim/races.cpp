// races.cpp: races in global memory. Every two bytes remember who wrote and who read them last: launch, block, thread, and
// how many __syncthreads the block had passed. Within a launch nothing orders blocks, and only __syncthreads orders the
// warps of a block; two accesses without order, one of them a write, are a race. Two lanes of a warp race where both write;
// whether one reads before the other writes is not looked at. Two writes race even if they write the same: it is one too many.
// Atomics do not come here, nor single bytes, which kernels only read.
#include "races.h"

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <sys/mman.h>

#include "block.h"
#include "report.h"

namespace cusim {
namespace {

constexpr size_t GRAIN = 2;
constexpr unsigned ALL_BLOCKS = (1u << 18) - 1, ALL_THREADS = (1u << 11) - 1;

struct Touch {                      // 64 bits, so that one instruction exchanges it
    uint64_t launch : 22;           // its number; 0: nobody
    uint64_t block : 18;            // ALL_BLOCKS: several
    uint64_t thread : 11;           // MOST_THREADS + w: several of warp w; ALL_THREADS: of several warps
    uint64_t epoch : 13;            // the block's, as far as it fits
};
static_assert(sizeof(Touch) == 8 && MOST_THREADS + MOST_WARPS <= ALL_THREADS, "a thread or a warp fits");

// Blocks run on several cores: who writes stores its own touch first and then looks for readers, who reads the other way
// round, so one of the two sees the other.
struct Cell {
    std::atomic<Touch> write, read;
};
static_assert(std::atomic<Touch>::is_always_lock_free, "");

const char *base;
Cell *cells;
unsigned launches;

unsigned warpOf(Touch t) { return (unsigned)(t.thread < MOST_THREADS ? t.thread / WARP : t.thread - MOST_THREADS); }

Touch mine() {
    const Current &c = current;
    uint64_t block = c.blockIndex.x + (uint64_t)c.gridDim.x * (c.blockIndex.y + (uint64_t)c.gridDim.y * c.blockIndex.z);
    return {launches, block % ALL_BLOCKS, c.thread->linear, c.block->epoch};
}

bool ordered(Touch earlier, Touch me, bool bothWrite) {
    if (earlier.launch != me.launch) return true;
    if (earlier.block != me.block) return false;
    if (earlier.epoch != me.epoch || earlier.thread == me.thread) return true;
    return !bothWrite && earlier.thread != ALL_THREADS && warpOf(earlier) == warpOf(me);
}

std::string nameOf(Touch t, Touch me) {
    if (t.block == ALL_BLOCKS) return "several blocks";
    if (t.block != me.block) return text("block %u", (unsigned)t.block);
    if (t.thread == ALL_THREADS) return "several warps of the block";
    return t.thread < MOST_THREADS ? text("thread %u of the block", (unsigned)t.thread) : text("warp %u", warpOf(t));
}

std::string unordered(const char *what, Touch earlier, const char *did, Touch me) {
    return "global memory race: " + std::string(what) + " of what " + nameOf(earlier, me) + " " + did + " in the same launch";
}

// The readers before and this one.
Touch joined(Touch readers, Touch me) {
    if (readers.launch != me.launch) return me;
    if (readers.block != me.block) readers.block = ALL_BLOCKS;
    if (readers.block == ALL_BLOCKS) return readers;
    if (readers.epoch != me.epoch || readers.thread == me.thread) return me;
    if (readers.thread == ALL_THREADS) return readers;
    readers.thread = warpOf(readers) == warpOf(me) ? MOST_THREADS + warpOf(me) : ALL_THREADS;
    return readers;
}

bool same(Touch a, Touch b) {
    return a.launch == b.launch && a.block == b.block && a.thread == b.thread && a.epoch == b.epoch;
}

Cell *cellOf(const char *p) { return cells + (size_t)(p - base) / GRAIN; }

}  // namespace

bool openTouches(const char *from, size_t bytes) {
    size_t room = bytes / GRAIN * sizeof(Cell);
    void *p = mmap(nullptr, room, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    base = from;
    cells = (Cell *)p;
    return p != MAP_FAILED;
}

void forgetTouches(const char *p, size_t bytes) {
    uintptr_t from = ((uintptr_t)cellOf(p) + 4095) & ~4095ul, to = (uintptr_t)cellOf(p + bytes) & ~4095ul;      // whole pages
    if (from < to) madvise((void *)from, to - from, MADV_DONTNEED);
}

void beginLaunch() { launches = launches % ((1u << 22) - 1) + 1; }

template <bool WRITE>
std::string touch(const char *p, size_t bytes) {
    if (bytes < GRAIN) return "";
    const Touch me = mine();
    for (Cell *cell = cellOf(p), *end = cell + bytes / GRAIN; cell < end; cell++) {
        if (WRITE) {
            Touch writer = cell->write.exchange(me), readers = cell->read.load();
            if (!ordered(writer, me, true)) return unordered("write", writer, "wrote", me);
            if (!ordered(readers, me, false)) return unordered("write", readers, "read", me);
        } else {
            Touch readers = cell->read.load(), now;
            do now = joined(readers, me);
            while (!same(now, readers) && !cell->read.compare_exchange_weak(readers, now));
            Touch writer = cell->write.load();
            if (!ordered(writer, me, false)) return unordered("read", writer, "wrote", me);
        }
    }
    return "";
}

template std::string touch<true>(const char *, size_t);
template std::string touch<false>(const char *, size_t);

}  // namespace cusim

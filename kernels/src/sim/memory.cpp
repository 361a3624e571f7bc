// memory.cpp: device memory is a reserved range of addresses, handed out upwards. Behind every allocation lies a red zone;
// fresh and freed memory is filled with NaN of every float type, and is never zero.
#include "memory.h"

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <map>
#include <sys/mman.h>

#include "check.h"
#include "driver.h"
#include "options.h"
#include "races.h"
#include "report.h"

namespace cusim {

Heap heap;

namespace {

constexpr size_t RESERVED = 1ull << 38, ALIGNMENT = 256, RED_ZONE = 256;
constexpr uint8_t FILL = 0xff, RED_EVEN = 0xfd, RED_ODD = 0xff;     // 0xfffdfffd is a NaN as fp32, bf16 and fp64

char *top;                                          // of the memory handed out so far
size_t live;
std::map<char *, size_t> allocations;
std::multimap<size_t, char *> freed;                // by room
std::map<char *, size_t> pinned;

size_t roomFor(size_t bytes) { return (bytes + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT; }
uint8_t redByte(const char *p) { return (uintptr_t)p & 1 ? RED_ODD : RED_EVEN; }

void paintRed(char *from, char *to) {
    for (char *p = from; p < to; p++) *p = (char)redByte(p);
}

// The first byte in [from, to) that somebody has written, or null. Every kernel has it look at some hundred bytes behind
// each of its operands, so eight at a time.
const char *firstTouched(const char *from, const char *to) {
    constexpr uint64_t RED = 0xfffdfffdfffdfffdu;
    const char *p = from;
    for (; p < to && (uintptr_t)p % 8; p++)
        if ((uint8_t)*p != redByte(p)) return p;
    for (; to - p >= 8; p += 8) {
        uint64_t eight;
        memcpy(&eight, p, sizeof eight);
        if (eight != RED) break;
    }
    for (; p < to; p++)
        if ((uint8_t)*p != redByte(p)) return p;
    return nullptr;
}

int checkRedZone(char *start, size_t bytes, const char *who) {
    char *from = start + bytes, *to = start + roomFor(bytes) + RED_ZONE;
    const char *touched = firstTouched(from, to);
    if (!touched) return OK;
    paintRed(from, to);                             // say it once
    return report(ILLEGAL_ADDRESS, "%s wrote behind the end of an allocation of %zu bytes, at +%zu", who, bytes,
                  (size_t)(touched - start));
}

std::map<char *, size_t>::iterator owner(std::map<char *, size_t> &all, const void *p) {
    auto i = all.upper_bound((char *)p);
    if (i == all.begin()) return all.end();
    --i;
    return (const char *)p < i->first + i->second ? i : all.end();
}

char *takeFreed(size_t room) {
    if (checking) return nullptr;                   // check builds never reuse an address: finds use after free
    auto i = freed.find(room);
    if (i == freed.end()) return nullptr;
    char *p = i->second;
    freed.erase(i);
    if ((uint8_t)p[0] != FILL || memcmp(p, p + 1, room - 1) != 0) {         // every byte equals the one before
        report(0, "somebody wrote to device memory of about %zu bytes after it was freed", room);
        breakContext(ILLEGAL_ADDRESS);
    }
    return p;
}

char *reserve() {
    void *p = mmap(nullptr, RESERVED, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    return p == MAP_FAILED ? nullptr : (char *)p;
}

}  // namespace

void openHeap() {
    if (heap.base) return;
    heap.base = reserve();
    if (checking) heap.states = reserve();
    if (!heap.base || (checking && (!heap.states || !openTouches(heap.base, RESERVED)))) {
        report(0, "cannot reserve addresses: is the process's address space limited (ulimit -v)?");
        abort();
    }
    heap.end = heap.base + RESERVED;
    top = heap.base + RED_ZONE;
    paintRed(heap.base, top);
}

size_t deviceBytes() { return (size_t)options.MEMORY_MB << 20; }
size_t liveBytes() { return live; }

int allocate(uint64_t *result, size_t bytes) {
    *result = 0;
    if (bytes == 0) return INVALID_VALUE;
    if (bytes > deviceBytes() || live + bytes > deviceBytes()) return OUT_OF_MEMORY;
    size_t room = roomFor(bytes);
    char *p = takeFreed(room);
    if (!p) {
        if (top + room + RED_ZONE > heap.end) return OUT_OF_MEMORY;
        p = top;
        top += room + RED_ZONE;
    }
    memset(p, FILL, bytes);
    paintRed(p + bytes, p + room + RED_ZONE);
    if (heap.states) memset(heap.stateOf(p), UNWRITTEN, bytes);
    allocations[p] = bytes;
    live += bytes;
    *result = (uint64_t)p;
    return OK;
}

int release(uint64_t pointer) {
    if (!pointer) return OK;
    auto i = allocations.find((char *)pointer);
    if (i == allocations.end()) return report(INVALID_VALUE, "cuMemFree: %p is no allocation", (void *)pointer);
    auto [p, bytes] = *i;
    if (int code = checkRedZone(p, bytes, "a kernel")) breakContext(code);
    size_t room = roomFor(bytes);
    memset(p, FILL, room);
    if (heap.states) {
        memset(heap.stateOf(p), NOT_ALLOCATED, room);
        forgetTouches(p, room);
        uintptr_t from = ((uintptr_t)p + 4095) & ~4095ul, to = ((uintptr_t)p + room) & ~4095ul;     // its whole pages only
        if (from < to) madvise((void *)from, to - from, MADV_DONTNEED);     // never looked at again
    }
    allocations.erase(i);
    live -= bytes;
    freed.emplace(room, p);
    return OK;
}

void releaseAll() {
    while (!allocations.empty()) release((uint64_t)allocations.begin()->first);
}

bool findAllocation(const void *p, char **start, size_t *bytes) {
    auto i = owner(allocations, p);
    if (i == allocations.end()) return false;
    *start = i->first;
    *bytes = i->second;
    return true;
}

// ---- pinned host memory
int allocatePinned(void **result, size_t bytes) {
    *result = nullptr;
    if (bytes == 0) return INVALID_VALUE;
    size_t room = roomFor(bytes) + RED_ZONE;
    char *p = (char *)aligned_alloc(4096, (room + 4095) & ~4095ul);
    if (!p) return OUT_OF_MEMORY;
    memset(p, FILL, bytes);
    paintRed(p + bytes, p + room);
    pinned[p] = bytes;
    *result = p;
    return OK;
}

int releasePinned(void *p) {
    auto i = pinned.find((char *)p);
    if (i == pinned.end()) return report(INVALID_VALUE, "cuMemFreeHost: %p is no pinned memory", p);
    int code = checkRedZone(i->first, i->second, "somebody");
    if (code) breakContext(code);
    free(i->first);
    pinned.erase(i);
    return OK;
}

bool isPinned(const void *p, size_t bytes) {
    auto i = owner(pinned, p);
    return i != pinned.end() && (const char *)p + bytes <= i->first + i->second;
}

// ---- checks
int checkDeviceRange(uint64_t p, size_t bytes, const char *what) {
    if (isPinned((void *)p, bytes)) return OK;
    auto i = owner(allocations, (void *)p);
    if (i == allocations.end()) return report(INVALID_VALUE, "%s: %p is no device memory", what, (void *)p);
    size_t offset = (size_t)((char *)p - i->first);
    if (offset + bytes > i->second)
        return report(INVALID_VALUE, "%s: %zu bytes at offset %zu of an allocation of %zu bytes", what, bytes, offset, i->second);
    return OK;
}

void markWritten(uint64_t p, size_t bytes) {
    if (heap.states && heap.contains((void *)p)) memset(heap.stateOf((void *)p), WRITTEN, bytes);
}

void copyStates(uint64_t to, uint64_t from, size_t bytes) {
    if (!heap.states || !heap.contains((void *)to)) return;
    if (heap.contains((void *)from)) memmove(heap.stateOf((void *)to), heap.stateOf((void *)from), bytes);
    else markWritten(to, bytes);
}

int checkWritten(uint64_t p, size_t bytes, const char *what) {
    if (!heap.states || !heap.contains((void *)p)) return OK;
    const char *from = heap.stateOf((void *)p);
    const void *first = memchr(from, UNWRITTEN, bytes);
    if (!first) return OK;
    return report(LAUNCH_FAILED, "%s: reads device memory that was never written, at +%zu of %zu bytes", what,
                  (size_t)((const char *)first - from), bytes);
}

int checkRedZones() {
    int code = OK;
    for (auto &[start, bytes] : allocations)
        if (int found = checkRedZone(start, bytes, "a kernel")) code = found;
    for (auto &[start, bytes] : pinned)
        if (int found = checkRedZone(start, bytes, "somebody")) code = found;
    return code;
}

int checkRedZones(const char *kernel, const char *arguments, int bytes) {
    int code = OK;
    for (int at = 0; at + 8 <= bytes; at += 8) {
        char *value;
        memcpy(&value, arguments + at, sizeof value);
        for (auto *all : {&allocations, &pinned}) {
            auto i = owner(*all, value);
            if (i == all->end()) continue;
            if (int found = checkRedZone(i->first, i->second, (std::string("kernel ") + kernel).c_str())) code = found;
        }
    }
    return code;
}

}  // namespace cusim

// memory.h: device memory and pinned host memory.
#pragma once
#include <cstddef>
#include <cstdint>

namespace cusim {

// What a byte of device memory is; kept in check builds only.
enum ByteState : char { NOT_ALLOCATED = 0, UNWRITTEN = 1, WRITTEN = 2 };

struct Heap {
    char *base = nullptr, *end = nullptr;
    char *states = nullptr;             // one ByteState per byte from base, null in fast builds
    bool contains(const void *p) const { return (const char *)p >= base && (const char *)p < end; }
    char *stateOf(const void *p) const { return states + ((const char *)p - base); }
};
extern Heap heap;

void openHeap();
int allocate(uint64_t *result, size_t bytes);               // driver codes
int release(uint64_t pointer);
void releaseAll();
size_t liveBytes();
size_t deviceBytes();                                       // of the whole simulated device
bool findAllocation(const void *p, char **start, size_t *bytes);

int allocatePinned(void **result, size_t bytes);
int releasePinned(void *p);
bool isPinned(const void *p, size_t bytes);

// Does [p, p + bytes) lie in one live allocation (device, or pinned where kernels reach it)? Else says what is wrong.
int checkDeviceRange(uint64_t p, size_t bytes, const char *what);
void markWritten(uint64_t p, size_t bytes);
void copyStates(uint64_t to, uint64_t from, size_t bytes);
int checkWritten(uint64_t p, size_t bytes, const char *what);

// Writes behind the end of allocations: all of them, or those that a kernel's arguments point to. 0 or a driver code.
int checkRedZones();
int checkRedZones(const char *kernel, const char *arguments, int bytes);

}  // namespace cusim

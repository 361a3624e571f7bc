// driver_memory.cpp: allocating, copying and filling memory.
#include <algorithm>
#include <cstring>
#include <memory>

#include "driver.h"
#include "memory.h"
#include "report.h"
#include "stream.h"
#include "workers.h"

using namespace cusim;

// ---- allocation
API cuMemAlloc_v2(DevicePointer *pointer, size_t bytes) {
    LOCK;
    TRY(usable());
    TRY(refuseWhileCapturing("cuMemAlloc"));
    return allocate(pointer, bytes);
}

API cuMemFree_v2(DevicePointer pointer) {
    LOCK;
    TRY(usable());
    TRY(refuseWhileCapturing("cuMemFree"));
    TRY(waitForAll());                              // as the real one does
    return release(pointer);
}

API cuMemGetInfo_v2(size_t *free, size_t *total) {
    LOCK;
    TRY(usable());
    *total = deviceBytes();
    *free = *total - std::min(*total, liveBytes());
    return OK;
}

API cuMemGetAddressRange_v2(DevicePointer *base, size_t *bytes, DevicePointer pointer) {
    LOCK;
    char *start;
    size_t size;
    if (!findAllocation((void *)pointer, &start, &size)) return NOT_FOUND;
    if (base) *base = (DevicePointer)start;
    if (bytes) *bytes = size;
    return OK;
}

API cuMemHostAlloc(void **pointer, size_t bytes, unsigned) {
    LOCK;
    TRY(usable());
    TRY(refuseWhileCapturing("cuMemHostAlloc"));
    return allocatePinned(pointer, bytes);
}

API cuMemAllocHost_v2(void **pointer, size_t bytes) { return cuMemHostAlloc(pointer, bytes, 0); }

API cuMemFreeHost(void *pointer) {
    LOCK;
    TRY(usable());
    TRY(refuseWhileCapturing("cuMemFreeHost"));
    TRY(waitForAll());
    return releasePinned(pointer);
}

API cuMemHostGetDevicePointer_v2(DevicePointer *pointer, void *host, unsigned) {
    LOCK;
    TRY(usable());
    if (!isPinned(host, 1)) return report(INVALID_VALUE, "cuMemHostGetDevicePointer: %p is no pinned memory", host);
    *pointer = (DevicePointer)host;                 // one address space, as on 64-bit devices
    return OK;
}

// ---- copies. Operands are checked when the copy is queued and again when it runs: they may be freed by then.
static int checkHost(const void *host, size_t bytes, const char *what) {
    if (heap.contains(host)) return report(INVALID_VALUE, "%s: %p is device memory, host memory is expected", what, host);
    if (!host && bytes) return report(INVALID_VALUE, "%s: null host pointer", what);
    return OK;
}

static int copyIn(DevicePointer to, const void *from, size_t bytes, const char *what) {
    TRY(checkDeviceRange(to, bytes, what));
    memcpy((void *)to, from, bytes);
    markWritten(to, bytes);
    return OK;
}

static int copyOut(void *to, DevicePointer from, size_t bytes, const char *what) {
    TRY(checkDeviceRange(from, bytes, what));
    TRY(checkWritten(from, bytes, what));
    memcpy(to, (void *)from, bytes);
    return OK;
}

API cuMemcpyHtoD_v2(DevicePointer to, const void *from, size_t bytes) {
    LOCK;
    const char *what = "cuMemcpyHtoD";
    TRY(usable());
    TRY(checkDeviceRange(to, bytes, what));
    TRY(checkHost(from, bytes, what));
    return submitAndWait(NodeType::COPY, [=] { return copyIn(to, from, bytes, what); }, what);
}

API cuMemcpyDtoH_v2(void *to, DevicePointer from, size_t bytes) {
    LOCK;
    const char *what = "cuMemcpyDtoH";
    TRY(usable());
    TRY(checkDeviceRange(from, bytes, what));
    TRY(checkHost(to, bytes, what));
    return submitAndWait(NodeType::COPY, [=] { return copyOut(to, from, bytes, what); }, what);
}

static int refusePageableInCapture(void *stream, const char *what) {
    auto s = streamOf(stream);
    if (!s) return INVALID_HANDLE;
    if (!s->capture) return OK;
    s->capture->invalid = true;
    return report(CAPTURE_UNSUPPORTED, "%s with host memory that is not pinned, while the stream is captured", what);
}

API cuMemcpyHtoDAsync_v2(DevicePointer to, const void *from, size_t bytes, void *stream) {
    LOCK;
    const char *what = "cuMemcpyHtoDAsync";
    TRY(usable());
    TRY(checkDeviceRange(to, bytes, what));
    TRY(checkHost(from, bytes, what));
    if (isPinned(from, bytes)) return submit(stream, NodeType::COPY, [=] { return copyIn(to, from, bytes, what); });
    // The driver takes pageable memory through its own staging buffer before it returns.
    TRY(refusePageableInCapture(stream, what));
    std::shared_ptr<char[]> staged(new char[bytes]);
    memcpy(staged.get(), from, bytes);
    return submit(stream, NodeType::COPY, [=] { return copyIn(to, staged.get(), bytes, what); });
}

API cuMemcpyDtoHAsync_v2(void *to, DevicePointer from, size_t bytes, void *stream) {
    LOCK;
    const char *what = "cuMemcpyDtoHAsync";
    TRY(usable());
    TRY(checkDeviceRange(from, bytes, what));
    TRY(checkHost(to, bytes, what));
    auto copy = [=] { return copyOut(to, from, bytes, what); };
    if (isPinned(to, bytes)) return submit(stream, NodeType::COPY, copy);
    TRY(refusePageableInCapture(stream, what));             // into pageable memory it returns when it is done
    TRY(submit(stream, NodeType::COPY, copy));
    auto s = streamOf(stream);
    return waitFor(s, s->queued);
}

static Work deviceCopy(DevicePointer to, DevicePointer from, size_t bytes, const char *what) {
    return [=]() -> int {
        TRY(checkDeviceRange(to, bytes, what));
        TRY(checkDeviceRange(from, bytes, what));
        if (to < from + bytes && from < to + bytes && to != from)
            return report(INVALID_VALUE, "%s: source and destination overlap", what);
        memmove((void *)to, (void *)from, bytes);
        copyStates(to, from, bytes);
        return OK;
    };
}

API cuMemcpyDtoDAsync_v2(DevicePointer to, DevicePointer from, size_t bytes, void *stream) {
    LOCK;
    const char *what = "cuMemcpyDtoDAsync";
    TRY(usable());
    TRY(checkDeviceRange(to, bytes, what));
    TRY(checkDeviceRange(from, bytes, what));
    return submit(stream, NodeType::COPY, deviceCopy(to, from, bytes, what));
}

API cuMemcpyDtoD_v2(DevicePointer to, DevicePointer from, size_t bytes) {
    LOCK;
    const char *what = "cuMemcpyDtoD";
    TRY(usable());
    TRY(checkDeviceRange(to, bytes, what));
    TRY(checkDeviceRange(from, bytes, what));
    TRY(refuseWhileCapturing(what));
    return submit(nullptr, NodeType::COPY, deviceCopy(to, from, bytes, what));      // asynchronous on a device, too
}

// ---- filling
template <class T>
static Work filling(DevicePointer to, T value, size_t count) {
    return [=]() -> int {
        TRY(checkDeviceRange(to, count * sizeof(T), "cuMemset"));
        std::fill_n((T *)to, count, value);
        markWritten(to, count * sizeof(T));
        return OK;
    };
}

template <class T>
static int fillAsync(DevicePointer to, T value, size_t count, void *stream, const char *what) {
    LOCK;
    TRY(usable());
    TRY(checkDeviceRange(to, count * sizeof(T), what));
    if (to % sizeof(T)) return report(INVALID_VALUE, "%s: the address is not a multiple of %zu", what, sizeof(T));
    return submit(stream, NodeType::FILL, filling(to, value, count));
}

template <class T>
static int fill(DevicePointer to, T value, size_t count, const char *what) {
    LOCK;
    TRY(usable());
    TRY(refuseWhileCapturing(what));
    return fillAsync(to, value, count, nullptr, what);      // on a device it does not wait either
}

API cuMemsetD8Async(DevicePointer to, uint8_t value, size_t count, void *stream) {
    return fillAsync(to, value, count, stream, "cuMemsetD8Async");
}
API cuMemsetD16Async(DevicePointer to, uint16_t value, size_t count, void *stream) {
    return fillAsync(to, value, count, stream, "cuMemsetD16Async");
}
API cuMemsetD32Async(DevicePointer to, uint32_t value, size_t count, void *stream) {
    return fillAsync(to, value, count, stream, "cuMemsetD32Async");
}
API cuMemsetD8_v2(DevicePointer to, uint8_t value, size_t count) { return fill(to, value, count, "cuMemsetD8"); }
API cuMemsetD16_v2(DevicePointer to, uint16_t value, size_t count) { return fill(to, value, count, "cuMemsetD16"); }
API cuMemsetD32_v2(DevicePointer to, uint32_t value, size_t count) { return fill(to, value, count, "cuMemsetD32"); }

// ---- the interface of the simulated libraries
API cusim_range(const void *p, size_t bytes, int write, const char *what) {
    LOCK;
    if (bytes == 0) return OK;
    TRY(checkDeviceRange((DevicePointer)p, bytes, what));
    if (write != 1) TRY(checkWritten((DevicePointer)p, bytes, what));
    if (write) markWritten((DevicePointer)p, bytes);
    return OK;
}

EXPORTED void cusim_parallel(long count, void (*body)(void *, long), void *arg) {
    LOCK;
    int workers = (int)std::min((long)workerCount(), count);
    if (workers <= 1) {
        for (long i = 0; i < count; i++) body(arg, i);
        return;
    }
    onAllWorkers([&](int worker) {
        for (long i = worker; i < count; i += workerCount()) body(arg, i);
    });
}

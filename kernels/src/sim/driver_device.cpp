// driver_device.cpp: cuInit, the one device and its attributes, contexts, error names.
#include <cstdio>
#include <cstring>
#include <vector>

#include "check.h"
#include "driver.h"
#include "memory.h"
#include "options.h"
#include "report.h"
#include "stream.h"

namespace cusim {

std::recursive_mutex driverMutex;

namespace {
bool initialised;
int broken;                             // what a kernel did to the context
struct Context {
    int device = 0;
};
Context primary;
int primaryUsers;
std::vector<Context *> created;
thread_local std::vector<Context *> stack;          // of contexts; the last is current

bool exists(Context *c) {
    if (c == &primary) return primaryUsers > 0;
    for (Context *other : created)
        if (other == c) return true;
    return false;
}
}  // namespace

int initialized() { return initialised ? OK : NOT_INITIALIZED; }

int usable() {
    TRY(initialized());
    if (stack.empty() || !stack.back()) return report(INVALID_CONTEXT, "no context is current in this thread");
    if (!exists(stack.back())) return report(CONTEXT_IS_DESTROYED, "the current context is destroyed");
    return broken;
}

void breakContext(int code) {
    if (!broken) broken = code;
}

void healContext() {
    dropWork();
    broken = OK;
}

}  // namespace cusim

using namespace cusim;

API cuInit(unsigned) {
    LOCK;
    readOptions();
    if (options.INIT_STATUS) return (int)options.INIT_STATUS;
    if (options.NO_DEVICE) return NO_DEVICE;
    openHeap();
    initialised = true;
    return OK;
}

API cuDriverGetVersion(int *version) {
    readOptions();
    *version = (int)options.DRIVER_VERSION;
    return OK;
}

// ---- the device
static int device(int number) { return !initialised ? NOT_INITIALIZED : number ? INVALID_DEVICE : OK; }

API cuDeviceGetCount(int *count) {
    *count = initialised;
    return initialized();
}

API cuDeviceGet(int *result, int number) {
    *result = number;
    return device(number);
}

API cuDeviceGetName(char *name, int bytes, int number) {
    TRY(device(number));
    snprintf(name, (size_t)bytes, "CUDA simulator");
    return OK;
}

API cuDeviceTotalMem_v2(size_t *bytes, int number) {
    TRY(device(number));
    *bytes = deviceBytes();
    return OK;
}

API cuDeviceComputeCapability(int *major, int *minor, int number) {
    TRY(device(number));
    *major = (int)options.CAPABILITY / 10;
    *minor = (int)options.CAPABILITY % 10;
    return OK;
}

API cuDeviceGetUuid(unsigned char *uuid, int number) {
    TRY(device(number));
    memcpy(uuid, "CUDA simulator\0\0", 16);
    return OK;
}

API cuDeviceGetPCIBusId(char *text, int bytes, int number) {
    TRY(device(number));
    snprintf(text, (size_t)bytes, "0000:00:00.0");
    return OK;
}

// By the numbers of CUdevice_attribute; the values of an A100 where the simulator has no own opinion.
static const struct {
    int attribute, value;
} ATTRIBUTES[] = {
    {1, 1024},          // MAX_THREADS_PER_BLOCK
    {2, 1024}, {3, 1024}, {4, 64},                  // MAX_BLOCK_DIM
    {5, 0x7fffffff}, {6, 65535}, {7, 65535},        // MAX_GRID_DIM
    {8, 49152},         // MAX_SHARED_MEMORY_PER_BLOCK
    {9, 65536},         // TOTAL_CONSTANT_MEMORY
    {10, 32},           // WARP_SIZE
    {12, 65536},        // MAX_REGISTERS_PER_BLOCK
    {13, 1410000},      // CLOCK_RATE, kHz
    {14, 512},          // TEXTURE_ALIGNMENT
    {16, 4},            // MULTIPROCESSOR_COUNT: few, so that branches for small grids are taken
    {17, 0},            // KERNEL_EXEC_TIMEOUT
    {18, 0},            // INTEGRATED
    {19, 1},            // CAN_MAP_HOST_MEMORY
    {20, 0},            // COMPUTE_MODE: default
    {31, 1},            // CONCURRENT_KERNELS
    {32, 0},            // ECC_ENABLED
    {33, 0}, {34, 0}, {50, 0},                      // PCI bus, device, domain
    {35, 0},            // TCC_DRIVER
    {36, 1215000},      // MEMORY_CLOCK_RATE, kHz
    {37, 5120},         // GLOBAL_MEMORY_BUS_WIDTH, bits
    {38, 40 << 20},     // L2_CACHE_SIZE
    {39, 2048},         // MAX_THREADS_PER_MULTIPROCESSOR
    {40, 2},            // ASYNC_ENGINE_COUNT
    {41, 1},            // UNIFIED_ADDRESSING
    {78, 1},            // STREAM_PRIORITIES_SUPPORTED
    {82, 65536},        // MAX_REGISTERS_PER_MULTIPROCESSOR
    {83, 0},            // MANAGED_MEMORY
    {91, 1},            // CAN_USE_HOST_POINTER_FOR_REGISTERED_MEM
    {95, 0},            // COOPERATIVE_LAUNCH
    {106, 32},          // MAX_BLOCKS_PER_MULTIPROCESSOR
    {115, 0},           // MEMORY_POOLS_SUPPORTED
};

// CUDA C++ programming guide, "Compute Capabilities": bytes of a multiprocessor, and what the system keeps of it for a block.
static int sharedOfMultiprocessor() {
    long c = options.CAPABILITY;
    return (c == 75 ? 64 : c == 80 || c == 87 ? 164 : c == 90 || c == 100 || c == 103 ? 228 : 100) << 10;
}
static int reservedShared() { return options.CAPABILITY < 80 ? 0 : 1 << 10; }
int cusim::optInShared() { return sharedOfMultiprocessor() - reservedShared(); }

API cuDeviceGetAttribute(int *value, int attribute, int number) {
    TRY(device(number));
    if (attribute == 75) *value = (int)options.CAPABILITY / 10;
    else if (attribute == 76) *value = (int)options.CAPABILITY % 10;
    else if (attribute == 81) *value = sharedOfMultiprocessor();    // MAX_SHARED_MEMORY_PER_MULTIPROCESSOR
    else if (attribute == 97) *value = optInShared();               // MAX_SHARED_MEMORY_PER_BLOCK_OPTIN
    else if (attribute == 111) *value = reservedShared();           // RESERVED_SHARED_MEMORY_PER_BLOCK
    else {
        for (auto &a : ATTRIBUTES)
            if (a.attribute == attribute) {
                *value = a.value;
                return OK;
            }
        return report(NOT_SUPPORTED, "device attribute %d is not simulated", attribute);
    }
    return OK;
}

// ---- contexts: all share the one device memory
static int push(Context *c) {
    stack.push_back(c);
    return OK;
}

API cuDevicePrimaryCtxRetain(void **context, int number) {
    LOCK;
    TRY(device(number));
    primaryUsers++;
    *context = &primary;
    return OK;
}

static int resetPrimary() {
    healContext();
    releaseAll();
    return OK;
}

API cuDevicePrimaryCtxRelease_v2(int number) {
    LOCK;
    TRY(device(number));
    if (primaryUsers == 0) return report(INVALID_CONTEXT, "cuDevicePrimaryCtxRelease without a retain");
    return --primaryUsers == 0 ? resetPrimary() : (int)OK;
}

API cuDevicePrimaryCtxReset_v2(int number) {
    LOCK;
    TRY(device(number));
    return resetPrimary();
}

API cuDevicePrimaryCtxSetFlags_v2(int number, unsigned) { return device(number); }

API cuDevicePrimaryCtxGetState(int number, unsigned *flags, int *active) {
    TRY(device(number));
    *flags = 0;
    *active = primaryUsers > 0;
    return OK;
}

API cuCtxCreate_v2(void **context, unsigned, int number) {
    LOCK;
    TRY(device(number));
    created.push_back(new Context);
    *context = created.back();
    return push(created.back());
}

API cuCtxDestroy_v2(void *context) {
    LOCK;
    TRY(initialized());
    for (size_t i = 0; i < created.size(); i++) {
        if (created[i] != context) continue;
        if (!stack.empty() && stack.back() == context) stack.pop_back();
        delete created[i];
        created.erase(created.begin() + (long)i);
        healContext();
        return OK;
    }
    return report(INVALID_CONTEXT, "cuCtxDestroy: %p is no created context", context);
}

API cuCtxSetCurrent(void *context) {
    TRY(initialized());
    if (!stack.empty()) stack.pop_back();
    return context ? push((Context *)context) : (int)OK;
}

API cuCtxGetCurrent(void **context) {
    *context = stack.empty() ? nullptr : stack.back();
    return initialized();
}

API cuCtxPushCurrent_v2(void *context) {
    TRY(initialized());
    return push((Context *)context);
}

API cuCtxPopCurrent_v2(void **context) {
    TRY(initialized());
    if (stack.empty()) return INVALID_CONTEXT;
    if (context) *context = stack.back();
    stack.pop_back();
    return OK;
}

API cuCtxGetDevice(int *number) {
    *number = 0;
    return stack.empty() ? INVALID_CONTEXT : OK;
}

API cuCtxGetFlags(unsigned *flags) {
    *flags = 0;
    return usable();
}

API cuCtxGetApiVersion(void *, unsigned *version) {
    *version = 3020;
    return initialized();
}

API cuCtxSynchronize() {
    LOCK;
    TRY(usable());
    TRY(refuseWhileCapturing("cuCtxSynchronize"));
    TRY(waitForAll());
    if (int code = checkRedZones()) breakContext(code);
    return usable();
}

API cuCtxGetStreamPriorityRange(int *least, int *greatest) {
    if (least) *least = 0;
    if (greatest) *greatest = -5;
    return usable();
}

API cuCtxSetLimit(int, size_t) { return usable(); }

API cuCtxGetLimit(size_t *value, int) {
    *value = 0;
    return usable();
}

API cuCtxSetCacheConfig(int) { return usable(); }

API cusim_option(const char *name, long value) {
    LOCK;
    return setOption(name, value);
}

EXPORTED long cusim_option_value(const char *name) {
    LOCK;
    return optionValue(name);
}

// NVRTC 13 looks for this undocumented function in any libcuda it can open, and calls it unchecked.
API cuGetExportTable(const void **table, const void *) {
    *table = nullptr;
    return NOT_FOUND;
}

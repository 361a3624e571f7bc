// driver.h: what the files of the simulated driver API share.
#pragma once
#include <cstddef>
#include <cstdint>
#include <mutex>

#include "simulator.h"

#define EXPORTED extern "C" __attribute__((visibility("default")))
#define API EXPORTED int

namespace cusim {

enum Code {                             // CUresult
    OK = 0,
    INVALID_VALUE = 1,
    OUT_OF_MEMORY = 2,
    NOT_INITIALIZED = 3,
    NO_DEVICE = 100,
    INVALID_DEVICE = 101,
    INVALID_IMAGE = 200,
    INVALID_CONTEXT = 201,
    NO_BINARY_FOR_GPU = 209,
    INVALID_PTX = 218,
    UNSUPPORTED_PTX_VERSION = 222,
    INVALID_HANDLE = 400,
    NOT_FOUND = 500,
    NOT_READY = 600,
    ILLEGAL_ADDRESS = 700,
    CONTEXT_IS_DESTROYED = 709,
    LAUNCH_FAILED = 719,
    NOT_SUPPORTED = 801,
    CAPTURE_UNSUPPORTED = 900,
    CAPTURE_INVALIDATED = 901,
    CAPTURE_UNMATCHED = 903,
    CAPTURE_UNJOINED = 904,
    CAPTURE_IMPLICIT = 906,
};

typedef uint64_t DevicePointer;

// One lock around everything, a running kernel included.
extern std::recursive_mutex driverMutex;
#define LOCK std::lock_guard<std::recursive_mutex> driverLock(driverMutex)
#define TRY(call) \
    do { \
        if (int tried = (call)) return tried; \
    } while (0)

int initialized();                      // OK or NOT_INITIALIZED
int usable();                           // ... and a current context that no kernel has broken
void breakContext(int code);            // as after a failed kernel: every later call fails, until the context is gone
void healContext();

int optInShared();                      // bytes of shared memory that a block may have (cuFuncSetAttribute)

}  // namespace cusim

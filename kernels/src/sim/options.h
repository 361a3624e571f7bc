// options.h: what can be set from outside, by an environment variable CUSIM_<NAME> read at cuInit, or by cusim_option.
#pragma once
#include <cstdint>

namespace cusim {

struct Options {
    long MEMORY_MB = 65536;         // device memory
    long DRIVER_VERSION = 12060;    // cuDriverGetVersion
    long CAPABILITY = 80;           // compute capability 8.0
    long REFUSE_CUBINS = 0;         // 1: cuModuleLoadData takes PTX only
    long NO_DEVICE = 0;             // 1: cuInit finds no device (100)
    long INIT_STATUS = 0;           // any other status of cuInit, e.g. 803 (driver and library do not fit)
    long MODULE_STATUS = 0;         // any other status of cuModuleLoadData, e.g. 222 (the driver is too old for the PTX)
    long DEFERRED = 0;              // not 0: work runs only when it is waited for, in an order drawn from this seed
    long THREADS = 0;               // cores used; 0: all
    long REVERSE = 0;               // 1: blocks, warps and lanes run last to first
    long CHECK = 1;                 // 0: a check build does not look at accesses (faster)
    long CUDNN_NOT_DETERMINISTIC = 0;   // 1: none of cuDNN's algorithms gives the same bits twice
    long CUDNN_REFUSES_FMA = 0;     // 1: all of them refuse FMA when asked for their workspace, 2: when they run
    long CUDNN_PADS = 1;            // 0: cuDNN refuses bf16 channels that are no multiple of 8, instead of padding them
    long CUDNN_LISTS = 0;           // 1: cuDNN's heuristics name no algorithm, 2: in a search all of them fail
};
extern Options options;

void readOptions();                                 // from the environment
int setOption(const char *name, long value);        // 0, or 1 where there is no such option
long optionValue(const char *name);                 // 0 where there is no such option

uint64_t randomNumber();                            // of the deferred mode; reseeded when DEFERRED is set

}  // namespace cusim

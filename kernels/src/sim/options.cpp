// options.cpp: reading the options; the random numbers of the deferred mode.
#include "options.h"

#include <cstdlib>
#include <cstring>
#include <string>

namespace cusim {

Options options;

namespace {
struct Named {
    const char *name;
    long *value;
};
const Named ALL[] = {
    {"MEMORY_MB", &options.MEMORY_MB}, {"DRIVER_VERSION", &options.DRIVER_VERSION},
    {"CAPABILITY", &options.CAPABILITY}, {"NO_DEVICE", &options.NO_DEVICE},
    {"INIT_STATUS", &options.INIT_STATUS}, {"MODULE_STATUS", &options.MODULE_STATUS},
    {"REFUSE_CUBINS", &options.REFUSE_CUBINS}, {"DEFERRED", &options.DEFERRED},
    {"THREADS", &options.THREADS}, {"REVERSE", &options.REVERSE}, {"CHECK", &options.CHECK},
    {"CUDNN_NOT_DETERMINISTIC", &options.CUDNN_NOT_DETERMINISTIC},
    {"CUDNN_REFUSES_FMA", &options.CUDNN_REFUSES_FMA}, {"CUDNN_PADS", &options.CUDNN_PADS},
    {"CUDNN_LISTS", &options.CUDNN_LISTS},
};
uint64_t randomState;
}  // namespace

int setOption(const char *name, long value) {
    for (const Named &option : ALL) {
        if (strcmp(option.name, name) != 0) continue;
        *option.value = value;
        if (option.value == &options.DEFERRED) randomState = (uint64_t)value;
        return 0;
    }
    return 1;
}

long optionValue(const char *name) {
    for (const Named &option : ALL) {
        if (strcmp(option.name, name) == 0) return *option.value;
    }
    return 0;
}

void readOptions() {
    for (const Named &option : ALL) {
        const char *text = getenv((std::string("CUSIM_") + option.name).c_str());
        if (text && *text) setOption(option.name, atol(text));
    }
}

uint64_t randomNumber() {               // splitmix64 (Steele, Lea, Flood 2014)
    uint64_t z = randomState += 0x9e3779b97f4a7c15u;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
}

}  // namespace cusim

// launch.h: running a whole grid.
#pragma once
#include <string>

#include "block.h"

namespace cusim {

struct Fault {
    std::string text;           // empty: the kernel ran to its end
    bool badAddress = false;    // CUDA_ERROR_ILLEGAL_ADDRESS rather than LAUNCH_FAILED
};
Fault runGrid(const Launch &launch);

}  // namespace cusim

// races.h: check builds: who has touched a piece of global memory during the running launch.
#pragma once
#include <cstddef>
#include <string>

namespace cusim {

bool openTouches(const char *base, size_t bytes);           // of the device memory [base, base + bytes); false: no room
void forgetTouches(const char *p, size_t bytes);            // it is freed
void beginLaunch();

// Remembers an access of the running thread. If nothing orders it against an earlier one of this launch, says whose.
template <bool WRITE>
std::string touch(const char *p, size_t bytes);

}  // namespace cusim

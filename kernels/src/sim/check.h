// check.h: looking at every access of a kernel (check builds) and finding its line.
#pragma once
#include <cstddef>
#include <string>

namespace cusim {

extern bool checking;           // kernels are compiled with calls to __tsan_*, and the option CHECK is on

// Fresh shared memory [offset, offset + bytes): filled with NaN, may be accessed, is not written yet.
void openShared(char *arena, size_t offset, size_t bytes);

std::string lineOf(void *pc);   // "group_norm.cu:53" of an instruction, by the debug information

}  // namespace cusim

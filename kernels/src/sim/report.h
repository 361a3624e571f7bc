// report.h: how the simulator says what it found: one line on stderr, kept for tests.
#pragma once
#include <string>

namespace cusim {

// Prints "CUDA simulator: ..." and returns code, so that a check reads `return report(INVALID_VALUE, "...", ...)`.
int report(int code, const char *format, ...) __attribute__((format(printf, 2, 3)));

std::string text(const char *format, ...) __attribute__((format(printf, 1, 2)));

}  // namespace cusim

// report.cpp: messages.
#include "report.h"

#include <atomic>
#include <cstdarg>
#include <cstdio>
#include <mutex>

#include "driver.h"

namespace cusim {

static std::mutex mutex;
static std::string last;
static std::atomic<long> count{0};

static std::string format(const char *pattern, va_list arguments) {
    char line[2000];
    vsnprintf(line, sizeof line, pattern, arguments);
    return line;
}

int report(int code, const char *pattern, ...) {
    va_list arguments;
    va_start(arguments, pattern);
    std::string line = format(pattern, arguments);
    va_end(arguments);
    fprintf(stderr, "CUDA simulator: %s\n", line.c_str());
    std::lock_guard<std::mutex> lock(mutex);
    last = line;
    count++;
    return code;
}

std::string text(const char *pattern, ...) {
    va_list arguments;
    va_start(arguments, pattern);
    std::string line = format(pattern, arguments);
    va_end(arguments);
    return line;
}

}  // namespace cusim

using namespace cusim;

EXPORTED void cusim_say(const char *line) { report(0, "%s", line); }

EXPORTED const char *cusim_last_report() {
    static thread_local std::string copy;
    std::lock_guard<std::mutex> lock(mutex);
    copy = last;
    return copy.c_str();
}

EXPORTED long cusim_reports() { return count; }

// lines.cpp: from an instruction to its line of source, by addr2line (binutils).
#include <cstdio>
#include <cstring>
#include <dlfcn.h>

#include "check.h"

namespace cusim {

static bool isSimulators(const std::string &line) {
    return line.rfind("device_", 0) == 0 || line.rfind("kernel.h", 0) == 0;
}

// addr2line -i gives the innermost line first, then where each function was inlined into.
static std::string chain(FILE *pipe) {
    std::string result;
    char line[600];
    while (fgets(line, sizeof line, pipe)) {
        line[strcspn(line, " \n")] = 0;
        const char *slash = strrchr(line, '/');
        std::string place = slash ? slash + 1 : line;
        if (isSimulators(place)) continue;
        result += (result.empty() ? "" : ", called at ") + place;
    }
    return result.empty() ? "?" : result;
}

std::string lineOf(void *pc) {
    Dl_info library;
    if (!dladdr(pc, &library)) return "?";
    char command[600];
    // One byte back: pc is a return address, the call belongs to the line before.
    snprintf(command, sizeof command, "addr2line -i -e '%s' 0x%lx 2>/dev/null", library.dli_fname,
             (unsigned long)((char *)pc - 1 - (char *)library.dli_fbase));
    FILE *pipe = popen(command, "r");
    if (!pipe) return "?";
    std::string result = chain(pipe);
    pclose(pipe);
    return result;
}

}  // namespace cusim

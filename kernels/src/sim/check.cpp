// check.cpp: check builds. Kernels compiled with -fsanitize=thread call __tsan_readN or __tsan_writeN before every access
// to memory that another thread could reach; instead of the sanitizer's runtime they find these functions here.
#include "check.h"

#include <algorithm>
#include <cstdio>
#include <cstring>
#include <dlfcn.h>

#include "block.h"
#include "memory.h"
#include "options.h"
#include "report.h"

namespace cusim {

bool checking;

void openShared(char *arena, size_t offset, size_t bytes) { memset(arena + offset, 0xff, bytes); }

std::string lineOf(void *pc) {
    Dl_info library;
    char line[600] = "";
    if (!dladdr(pc, &library)) return "?";
    snprintf(line, sizeof line, "addr2line -e '%s' 0x%lx 2>/dev/null", library.dli_fname,
             (unsigned long)((char *)pc - 1 - (char *)library.dli_fbase));
    FILE *pipe = popen(line, "r");
    if (!pipe) return "?";
    if (!fgets(line, sizeof line, pipe)) strcpy(line, "? (addr2line is missing)");
    pclose(pipe);
    line[strcspn(line, " \n")] = 0;
    const char *slash = strrchr(line, '/');
    return slash ? slash + 1 : line;
}

}  // namespace cusim

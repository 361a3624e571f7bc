// shared.cpp: shared memory of a block. A variable gets its place when the first thread comes to its declaration; the
// dynamic part lies in front. Fresh memory is filled with NaN, variables lie 64 bytes apart.
#include <atomic>
#include <cstring>

#include "block.h"
#include "check.h"
#include "report.h"

namespace cusim {

constexpr size_t GAP = 64, MOST_STATIC = 48 << 10;

int newSharedSite() {
    static std::atomic<int> count{0};
    return count++;
}

void *dynamicShared() { return current.block->arena; }

static void *allot(Block &b, size_t bytes, size_t alignment, const char *name, Place place) {
    size_t at = (b.arenaUsed + GAP + alignment - 1) / alignment * alignment;
    b.sharedBytes += bytes;
    size_t staticBytes = b.sharedBytes - b.launch->dynamicBytes;
    if (staticBytes > MOST_STATIC || b.sharedBytes > b.launch->mostSharedBytes || at + bytes > ARENA_BYTES) {
        failAt(text("too much shared memory: %zu bytes of variables with '%s', %u dynamic, %u allowed in all", staticBytes,
                    name, b.launch->dynamicBytes, b.launch->mostSharedBytes),
               place);
    }
    b.arenaUsed = at + bytes;
    openShared(b.arena, at, bytes);
    return b.arena + at;
}

void *sharedVariable(int site, size_t bytes, size_t alignment, const char *name, Place place) {
    Block &b = *current.block;
    if ((int)b.sites.size() <= site) b.sites.resize((size_t)site + 16);
    void *&at = b.sites[(size_t)site];
    if (!at) at = allot(b, bytes, alignment, name, place);
    return at;
}

}  // namespace cusim

// undefined.cpp: check builds. Kernels are also compiled with -fsanitize=alignment,bounds,shift,signed-integer-overflow: the
// compiler adds a test to each such operation and calls one of these functions where it fails. What C++ leaves
// undefined there, a device does not do well either: an unaligned float4 is an error, tile[r][32] of a tile[32][32]
// is another thread's element, an index of 32 bits that overflows points anywhere.
#include <cstring>

#include "block.h"
#include "options.h"
#include "report.h"

using namespace cusim;

namespace {
struct Source {                 // every record of the compiler begins with it
    const char *file;
    unsigned line, column;
};
struct Mismatch {
    Source source;
    const void *type;
    unsigned char logAlignment, kind;
};

void undefined(const Source *source, const std::string &what) {
    if (current.block && options.CHECK) failAt(what, Place{source->file, (int)source->line});
}
}  // namespace

extern "C" {
void __ubsan_handle_type_mismatch_v1(Mismatch *at, void *address) {
    undefined(&at->source, text("misaligned memory access: %p is no multiple of %d", address, 1 << at->logAlignment));
}
void __ubsan_handle_out_of_bounds(Source *at, unsigned long index) {
    undefined(at, text("index %ld is outside the array", (long)index));
}
void __ubsan_handle_shift_out_of_bounds(Source *at, unsigned long, unsigned long by) {
    undefined(at, text("shift by %ld bits", (long)by));
}
void __ubsan_handle_add_overflow(Source *at, unsigned long, unsigned long) { undefined(at, "integer overflow of a sum"); }
void __ubsan_handle_sub_overflow(Source *at, unsigned long, unsigned long) { undefined(at, "integer overflow of a difference"); }
void __ubsan_handle_mul_overflow(Source *at, unsigned long, unsigned long) { undefined(at, "integer overflow of a product"); }
void __ubsan_handle_negate_overflow(Source *at, unsigned long) { undefined(at, "integer overflow of a negation"); }
}

// fiber.cpp: stacks and the switch between them. x86-64, System V calling convention.
#include "fiber.h"

#include <cstdint>
#include <sys/mman.h>

#if !defined(__x86_64__)
#error "write cusim_switch for this processor (aarch64: x19-x30, d8-d15 and sp)"
#endif

namespace cusim {

asm(R"(
        .text
        .globl  cusim_switch
        .hidden cusim_switch
        .type   cusim_switch,@function
cusim_switch:
        push    %rbp
        push    %rbx
        push    %r12
        push    %r13
        push    %r14
        push    %r15
        mov     %rsp, (%rdi)
        mov     %rsi, %rsp
        pop     %r15
        pop     %r14
        pop     %r13
        pop     %r12
        pop     %rbx
        pop     %rbp
        ret
        .size   cusim_switch, .-cusim_switch
)");

constexpr size_t GUARD = 4096, MOST = 1024 + 1;     // one spare: a finished thread's stack is handed on before it is left

void *freshStack(char *top, void (*entry)()) {
    void **slot = (void **)((uintptr_t)top & ~(uintptr_t)15);
    *--slot = nullptr;                              // entry's return address; also aligns the stack as after a call
    *--slot = (void *)entry;
    for (int i = 0; i < 6; i++) *--slot = nullptr;  // the six registers that cusim_switch takes off
    return slot;
}

Stacks::Stacks() {
    base = (char *)mmap(nullptr, STACK_BYTES * MOST, PROT_READ | PROT_WRITE,
                        MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
}

char *Stacks::take() {
    if (!unused.empty()) {
        char *stack = unused.back();
        unused.pop_back();
        return stack;
    }
    size_t i = used++;
    if (i >= guarded) {
        mprotect(base + STACK_BYTES * i, GUARD, PROT_NONE);
        guarded = i + 1;
    }
    // Tops are staggered, or the busiest lines of all stacks would fall into the same cache sets.
    return base + STACK_BYTES * (i + 1) - (i % 37) * 448;
}

void Stacks::reset() {
    used = 0;
    unused.clear();
}

bool Stacks::contains(const void *p) const { return (size_t)((const char *)p - base) < STACK_BYTES * MOST; }

bool Stacks::inGuard(const void *p) const {
    return contains(p) && (size_t)((const char *)p - base) % STACK_BYTES < GUARD;
}

}  // namespace cusim

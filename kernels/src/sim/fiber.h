// fiber.h: switching between the stacks of CUDA threads, in 14 instructions. (swapcontext makes a system call for the
// signal mask each time and is ten times slower.)
#pragma once
#include <cstddef>
#include <vector>

namespace cusim {

constexpr size_t STACK_BYTES = 96 << 10;

// Saves the callee-saved registers on this stack, its address in *saved, and goes on where `to` was saved.
extern "C" void cusim_switch(void **saved, void *to);

class Stacks {                      // the fiber stacks of one core; each has a page below it that must not be touched
public:
    Stacks();
    char *take();                   // the upper end of a free stack
    void giveBack(char *stack) { unused.push_back(stack); }
    void reset();                   // all are free again
    bool contains(const void *p) const;
    bool inGuard(const void *p) const;          // an address that only an overflowing stack reaches

private:
    char *base;
    size_t used = 0, guarded = 0;
    std::vector<char *> unused;
};

// A stack whose first switch enters `entry`, which must not return.
void *freshStack(char *top, void (*entry)());

}  // namespace cusim

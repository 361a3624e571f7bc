// trap.cpp: signals of the processor. On a thread that runs no kernel the handler that was there before (the Java virtual
// machine's, which uses SIGSEGV for its own purposes) goes on as if we were not there.
#include "trap.h"

#include <csignal>
#include <ucontext.h>

#include "block.h"
#include "report.h"

namespace cusim {
namespace {

const int SIGNALS[] = {SIGSEGV, SIGBUS, SIGFPE};
struct sigaction before[65];

// One behind the instruction, where a call to it would return to
void *programCounter(void *context) { return (char *)((ucontext_t *)context)->uc_mcontext.gregs[REG_RIP] + 1; }

void handle(int signal, siginfo_t *info, void *context) {
    Block *block = current.block;
    if (block && current.thread && signal == SIGFPE) failAtPc("integer division by zero", programCounter(context));
    if (block && current.thread) {
        const char *what = block->stacks.inGuard(info->si_addr) ? "the thread's local variables are larger than its stack"
                                                                : "invalid memory access";
        // the processor gives no address for a vector access that is not aligned
        failAtPc(text("%s, address %p%s", what, info->si_addr, info->si_addr ? "" : " (or misaligned)"), programCounter(context));
    }
    struct sigaction &old = before[signal];
    if (old.sa_flags & SA_SIGINFO) {
        old.sa_sigaction(signal, info, context);
    } else if (old.sa_handler != SIG_DFL && old.sa_handler != SIG_IGN) {
        old.sa_handler(signal);
    } else {
        sigaction(signal, &old, nullptr);       // the access is repeated and ends the process as it would have
    }
}

}  // namespace

Traps::Traps() {
    struct sigaction ours = {};
    ours.sa_sigaction = handle;
    // NODEFER: a fault leaves the handler by a switch of stacks. ONSTACK: a full stack has no room for the handler.
    ours.sa_flags = SA_SIGINFO | SA_NODEFER | SA_ONSTACK;
    sigemptyset(&ours.sa_mask);
    for (int s : SIGNALS) sigaction(s, &ours, &before[s]);
}

Traps::~Traps() {
    for (int s : SIGNALS) sigaction(s, &before[s], nullptr);
}

}  // namespace cusim

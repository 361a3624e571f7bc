// block.cpp: the scheduler of one block: who runs next, __syncthreads, and the ends, good and bad.
// Threads run one after another on fibers; a switch happens only where a thread has to wait. So a run is deterministic.
#include "block.h"

#include <algorithm>
#include <cstring>
#include <sys/mman.h>

#include "check.h"
#include "options.h"
#include "report.h"

namespace cusim {

constinit thread_local __attribute__((tls_model("initial-exec"))) Current current{};

Block::Block() : threads(MOST_THREADS) {
    arena = (char *)mmap(nullptr, ARENA_BYTES, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
}
Block::~Block() { munmap(arena, ARENA_BYTES); }

// The next thread that can run: the rest of this warp first, then the following warps.
static Thread *pick(Block &b, unsigned warp, unsigned lane) {
    unsigned rest = options.REVERSE || lane == WARP - 1 ? 0 : b.warps[warp].ready & ~((2u << lane) - 1);
    if (rest) {                                     // nearly always, without a division
        unsigned next = (unsigned)__builtin_ctz(rest);
        b.warps[warp].ready &= ~(1u << next);
        return &b.threads[warp * WARP + next];
    }
    for (int i = 0; i <= b.warpCount; i++) {
        unsigned w = (warp + (unsigned)i) % (unsigned)b.warpCount;
        if (options.REVERSE) w = (unsigned)b.warpCount - 1 - w;
        unsigned ready = b.warps[w].ready;
        if (!ready) continue;
        unsigned next = options.REVERSE ? 31u - (unsigned)__builtin_clz(ready) : (unsigned)__builtin_ctz(ready);
        b.warps[w].ready &= ~(1u << next);
        return &b.threads[w * WARP + next];
    }
    return nullptr;
}

static void threadMain();

static void enter(Block &b, void **saved, Thread *t) {
    current.thread = t;
    if (t->state == State::FRESH) {
        t->stack = b.stacks.take();
        t->stackPointer = freshStack(t->stack, threadMain);
    }
    t->state = State::READY;
    cusim_switch(saved, t->stackPointer);
}

static void leave(Block &b, Thread *t) {            // to another thread, or to the scheduler where none can run
    Thread *next = pick(b, t->warp, t->lane);
    if (next) enter(b, &t->stackPointer, next);
    else cusim_switch(&t->stackPointer, b.scheduler);
}

void waitAs(State state, Place place) {
    Thread *t = current.thread;
    t->state = state;
    t->waitsAt = place;
    leave(*current.block, t);
}

static void release(Block &b) {                     // the barrier opens
    for (int i = 0; i < b.warpCount; i++) {
        b.warps[i].ready |= b.warps[i].atBarrier;
        b.warps[i].atBarrier = 0;
    }
    b.voteResult[(int)Vote::COUNT] = b.voted;
    b.voteResult[(int)Vote::AND] = b.voted == b.waiting;
    b.voteResult[(int)Vote::OR] = b.voted > 0;
    b.waiting = b.voted = 0;
    b.epoch++;
}

int barrier(Vote vote, int predicate, Place place) {
    Block &b = *current.block;
    Thread *t = current.thread;
    if (b.waiting == 0) {
        b.barrierPlace = place;
        if (b.live != b.threadCount)
            failAt(text("divergent barrier: %d threads returned before this __syncthreads", b.threadCount - b.live), place);
    } else if (!(b.barrierPlace == place)) {
        failAt("divergent barrier: this thread is here, others wait at " + describe(b.barrierPlace), place);
    }
    b.counts.barriers++;
    b.waiting++;
    b.voted += predicate;
    if (b.waiting == b.live) {
        release(b);
    } else {
        b.warps[t->warp].atBarrier |= 1u << t->lane;
        waitAs(State::AT_BARRIER, place);
    }
    return b.voteResult[(int)vote];
}

static void returned(Block &b, Thread *t) {
    Warp &w = b.warps[t->warp];
    t->state = State::DONE;
    w.live &= ~(1u << t->lane);
    b.live--;
    completeMeetings(w);
    if (b.waiting)
        failAt("divergent barrier: this thread returned while others wait at " + describe(b.barrierPlace), b.barrierPlace);
}

static void threadMain() {
    Block &b = *current.block;
    for (;;) {
        Thread *t = current.thread;
        b.launch->kernel->call(*b.launch->kernel, (char *)b.launch->arguments);
        returned(b, t);
        Thread *next = pick(b, t->warp, t->lane);
        if (next && next->state == State::FRESH) {  // goes on in this stack: no switch at all
            next->stack = t->stack;
            next->state = State::READY;
            current.thread = next;
            continue;
        }
        b.stacks.giveBack(t->stack);
        if (next) enter(b, &t->stackPointer, next);
        else cusim_switch(&t->stackPointer, b.scheduler);
        __builtin_unreachable();
    }
}

void Block::prepare(uint3 index) {
    dim3 d = launch->block;
    current = Current{nullptr, index, d, launch->grid, this};
    threadCount = live = (int)(d.x * d.y * d.z);
    warpCount = (threadCount + WARP - 1) / WARP;
    waiting = voted = 0;
    counts = Counts{};
    epoch++;
    failed = false;
    failedPc = nullptr;
    arenaUsed = sharedBytes = launch->dynamicBytes;
    std::fill(sites.begin(), sites.end(), nullptr);
    if (launch->dynamicBytes) openShared(arena, 0, launch->dynamicBytes);
    uint3 at{0, 0, 0};
    for (int i = 0; i < threadCount; i++) {
        Thread &t = threads[(size_t)i];
        t.index = at;
        t.linear = (unsigned)i;
        t.lane = (unsigned)i % WARP;
        t.warp = (unsigned)i / WARP;
        t.warpSyncs = 0;
        t.state = State::FRESH;
        if (++at.x == d.x) at.x = 0, at.y++;
        if (at.y == d.y) at.y = 0, at.z++;
    }
    for (int i = 0; i < warpCount; i++) {
        Warp &w = warps[i];
        int lanes = std::min(threadCount - i * WARP, WARP);
        w.exist = w.live = w.ready = lanes == WARP ? ~0u : (1u << lanes) - 1;
        w.atBarrier = 0;
        w.meetingCount = 0;
    }
}

void Block::run(const Launch &l, uint3 index) {
    launch = &l;
    prepare(index);
    while (live > 0 && !failed) {
        Thread *t = pick(*this, 0, WARP - 1);
        if (t) enter(*this, &scheduler, t);
        else reportDeadlock();
    }
    if (failed) stacks.reset();
    current.thread = nullptr;
    if (!failed) current.block = nullptr;           // describeFailure still needs it
}

void Block::reportDeadlock() {
    int barriers = 0, meetings = 0;
    Thread *shown = nullptr;
    for (int i = 0; i < threadCount; i++) {
        Thread &t = threads[(size_t)i];
        barriers += t.state == State::AT_BARRIER;
        meetings += t.state == State::IN_WARP;
        bool better = !shown || (shown->state == State::AT_BARRIER && t.state == State::IN_WARP);
        if (t.state != State::DONE && better) shown = &t;
    }
    failed = true;
    failedThread = shown;
    failedPlace = shown->waitsAt;
    failure = text("no thread can go on: %d wait at __syncthreads, %d in an operation of their warp, %d have returned; "
                   "this one waits",
                   barriers, meetings, threadCount - live);
}

static void stop(const std::string &what) {
    Block &b = *current.block;
    b.failed = true;
    b.failure = what;
    b.failedThread = current.thread;
    void *abandoned;
    cusim_switch(&abandoned, b.scheduler);
}

void failAt(const std::string &what, Place place) {
    current.block->failedPlace = place;
    current.block->failedPc = nullptr;
    stop(what);
    __builtin_unreachable();
}

void failAtPc(const std::string &what, void *pc) {
    current.block->failedPc = pc;
    stop(what);
    __builtin_unreachable();
}

void fail(const char *what, Place place) { failAt(what, place); }

std::string Block::describeFailure() const {
    uint3 b = current.blockIndex, t = failedThread->index;
    return text("kernel %s block (%u,%u,%u) thread (%u,%u,%u) at ", launch->kernel->name, b.x, b.y, b.z, t.x, t.y, t.z) +
           (failedPc ? lineOf(failedPc) : describe(failedPlace)) + ": " + failure;
}

std::string describe(Place place) {
    const char *slash = strrchr(place.file, '/');
    return text("%s:%d", slash ? slash + 1 : place.file, place.line);
}

}  // namespace cusim

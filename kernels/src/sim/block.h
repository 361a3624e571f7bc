// block.h: the state of the thread block that a core runs.
#pragma once
#include <memory>
#include <string>
#include <vector>

#include "fiber.h"
#include "kernel.h"
#include "threads.h"

namespace cusim {

constexpr int MOST_THREADS = 1024, WARP = 32, MOST_WARPS = MOST_THREADS / WARP;
constexpr size_t ARENA_BYTES = 256 << 10;           // room for one block's shared memory and the gaps between variables

struct Launch {
    const Kernel *kernel;
    dim3 grid, block;
    unsigned dynamicBytes, mostSharedBytes;
    const char *arguments;
};

struct Rendezvous {             // lanes of one warp, meeting under one mask
    unsigned mask, arrived;
    unsigned completed[2];      // who took part; two, as the slow lanes read the last one while the fast ones fill the next
    uint8_t turn;
    Meeting what;
    Place place;
    uint64_t values[2][WARP];
};

struct Warp {
    unsigned exist, live, ready, atBarrier;         // lanes as bits
    Rendezvous meetings[6];
    int meetingCount;
};

struct Counts {                 // what the threads of blocks did
    long globalReads, globalWrites, sharedReads, sharedWrites;      // accesses of whatever width; check builds only
    long barriers, warpOperations;
};

struct SharedByte;              // check.cpp: who wrote and read a byte of shared memory

struct Block {
    const Launch *launch = nullptr;
    std::vector<Thread> threads;
    Warp warps[MOST_WARPS];
    int threadCount = 0, warpCount = 0, live = 0;
    // the barrier
    int waiting = 0, voted = 0, voteResult[4] = {};
    Place barrierPlace{};
    unsigned epoch = 0;         // barriers passed, never reset: orders accesses to shared memory
    // shared memory
    char *arena;
    size_t arenaUsed = 0, sharedBytes = 0;
    std::vector<void *> sites;
    std::shared_ptr<SharedByte[]> sharedBytesSeen;  // check builds
    Counts counts{};
    // the end
    void *scheduler = nullptr;  // the stack to go back to
    bool failed = false;
    std::string failure;        // what happened, without the place
    Thread *failedThread = nullptr;
    Place failedPlace{};
    void *failedPc = nullptr;   // where only the instruction is known

    Stacks stacks;

    Block();
    ~Block();
    void run(const Launch &launch, uint3 index);
    std::string describeFailure() const;            // "kernel k block (..) thread (..) at file:line: ..."

private:
    void prepare(uint3 index);
    void reportDeadlock();
};

// Lets other threads of the block go on until this one is ready again
void waitAs(State state, Place place);
[[noreturn]] void failAt(const std::string &what, Place place);
[[noreturn]] void failAtPc(const std::string &what, void *pc);      // the line is looked up in the debug information
std::string describe(Place place);                  // "file.cu:12", without folders
void completeMeetings(Warp &warp);                  // after a lane has returned

}  // namespace cusim

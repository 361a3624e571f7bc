// launch.cpp: the blocks of a grid, spread over the cores. Of several failing blocks the first in order is reported, so a
// failing run says the same every time.
#include "launch.h"

#include <atomic>
#include <memory>
#include <mutex>
#include <vector>

#include "driver.h"
#include "options.h"
#include "races.h"
#include "trap.h"
#include "workers.h"

namespace cusim {
namespace {

constexpr uint64_t WORTH_SHARING = 4096;        // threads; below this, waking another core costs more than it saves

uint3 indexOf(uint64_t i, dim3 grid) {
    return uint3{(unsigned)(i % grid.x), (unsigned)(i / grid.x % grid.y), (unsigned)(i / grid.x / grid.y)};
}

Counts done{};                                    // by all launches since it was taken; guarded by the driver's lock and that of the grid

void add(const Counts &more) {
    done.globalReads += more.globalReads;
    done.globalWrites += more.globalWrites;
    done.sharedReads += more.sharedReads;
    done.sharedWrites += more.sharedWrites;
    done.barriers += more.barriers;
    done.warpOperations += more.warpOperations;
}

struct Grid {
    const Launch &launch;
    uint64_t blocks;
    std::atomic<uint64_t> next{0};
    std::atomic<uint64_t> firstFailed;          // position in the order of running
    std::mutex mutex;
    Fault fault;

    void work(Block &block) {
        for (uint64_t i; (i = next++) < blocks && i < firstFailed;) {
            block.run(launch, indexOf(options.REVERSE ? blocks - 1 - i : i, launch.grid));
            std::lock_guard<std::mutex> lock(mutex);
            add(block.counts);
            if (!block.failed) continue;
            if (i < firstFailed) {
                firstFailed = i;
                fault.text = block.describeFailure();
                fault.badAddress = block.failure.find("memory access") != std::string::npos;
            }
            current.block = nullptr;
        }
    }
};

Block &blockOf(int worker) {
    static std::vector<std::unique_ptr<Block>> blocks(64);
    auto &block = blocks[(size_t)worker];
    if (!block) block = std::make_unique<Block>();
    return *block;
}

}  // namespace

Fault runGrid(const Launch &launch) {
    uint64_t blocks = (uint64_t)launch.grid.x * launch.grid.y * launch.grid.z;
    Grid grid{launch, blocks, {}, {blocks}, {}, {}};
    Traps traps;
    beginLaunch();
    uint64_t threads = blocks * launch.block.x * launch.block.y * launch.block.z;
    if (blocks < 2 || threads < WORTH_SHARING) grid.work(blockOf(0));
    else onAllWorkers([&](int worker) { grid.work(blockOf(worker)); });
    return grid.fault;
}

// In the order of Counts' fields.
EXPORTED void cusim_take_counts(Counts *counts) {
    LOCK;
    *counts = done;
    done = Counts{};
}

}  // namespace cusim

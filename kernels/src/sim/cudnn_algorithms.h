// cudnn_algorithms.h: which algorithms the simulated cuDNN has for a problem, what it says of them, and which of them it refuses.
//   Lists look as the real library's do: for tensors in fp32 every algorithm comes with each math type that there is, TF32
//   first, since it is faster; some of them do not exist in FMA, which only the workspace query or the run says.
// Options  CUDNN_NOT_DETERMINISTIC, CUDNN_REFUSES_FMA, CUDNN_PADS, CUDNN_LISTS: options.h.
#pragma once
#include <algorithm>
#include <vector>

#include "cudnn.h"

namespace cudnn {

enum class Fma { EXISTS, REFUSED_WHEN_SIZED, REFUSED_WHEN_RUN };

// One of the ways to compute a pass. All give the same sums here; one that is not deterministic changes a bit each time.
struct Algorithm {
    int number;
    bool deterministic;
    bool workspace;
    float milliseconds;
    Fma fma;
};

// Of each pass the fastest first: one that a caller who wants the same bits every time must not take, then two that are
// there on tensor cores only.
constexpr Algorithm ALGORITHMS[3][5] = {
        {{7, true, true, 0.30f, Fma::REFUSED_WHEN_SIZED},
         {5, true, true, 0.40f, Fma::REFUSED_WHEN_RUN},
         {1, true, true, 0.50f, Fma::EXISTS},
         {0, true, false, 0.75f, Fma::EXISTS},
         {-1, false, false, 0, Fma::EXISTS}},
        {{0, false, false, 0.25f, Fma::EXISTS},
         {5, true, true, 0.30f, Fma::REFUSED_WHEN_SIZED},
         {3, true, true, 0.40f, Fma::REFUSED_WHEN_RUN},
         {1, true, true, 0.50f, Fma::EXISTS},
         {-1, false, false, 0, Fma::EXISTS}},
        {{0, false, false, 0.25f, Fma::EXISTS},
         {5, true, true, 0.30f, Fma::REFUSED_WHEN_SIZED},
         {2, true, true, 0.35f, Fma::REFUSED_WHEN_RUN},
         {3, false, true, 0.40f, Fma::EXISTS},
         {1, true, true, 0.50f, Fma::EXISTS}}};

inline const Algorithm *algorithm_of(Pass pass, int number) {
    for (const Algorithm &a : ALGORITHMS[(int) pass]) {
        if (a.number == number && number >= 0) {
            return &a;
        }
    }
    return nullptr;
}

inline bool deterministic(const Algorithm &a) {
    return a.deterministic && cusim_option_value("CUDNN_NOT_DETERMINISTIC") == 0;
}

// Room for the windows of one image in fp32: more than the real library takes, never nothing.
inline size_t workspace_bytes(const Algorithm &algorithm, const Problem &p) {
    return algorithm.workspace ? sizeof(float) * (size_t) (p.pixels() * p.window()) : 0;
}

enum class Asked { SIZE, RUN };

// Why the library cannot do it; null where it can.
inline const char *unsupported(const Algorithm &a, const Problem &p, int math, Asked asked) {
    bool inside = p.padding_h < p.rows && p.padding_w < p.columns;
    if (!inside && a.deterministic && p.pass != Pass::FORWARD) {
        return "some windows lie in the padding altogether";     // there the real one has no offer that is deterministic
    }
    if (p.type == products::Type::F32) {
        long all = cusim_option_value("CUDNN_REFUSES_FMA");
        bool sized = all == 1 || (all == 0 && a.fma == Fma::REFUSED_WHEN_SIZED);
        bool run = sized || all == 2 || a.fma == Fma::REFUSED_WHEN_RUN;
        return math == FMA_MATH && (asked == Asked::SIZE ? sized : run) ? "it needs tensor cores" : nullptr;
    }
    if (math == FMA_MATH) {
        return "bf16 is multiplied on tensor cores only, the descriptor says FMA_MATH";
    }
    bool whole = p.x.c % 8 == 0 && p.y.c % 8 == 0;
    return whole || cusim_option_value("CUDNN_PADS") ? nullptr : "channels of bf16 tensors must be multiples of 8";
}

// Every algorithm with every math type that the library tries beside the asked one, the fastest first; behind them what
// cannot run, with the reason as its status and no numbers that mean anything.
inline std::vector<Performance> offers(const Problem &p, int asked, size_t room, bool measured) {
    std::vector<int> maths{asked};
    if (asked != DEFAULT_MATH) {
        maths.push_back(DEFAULT_MATH);
    }
    if (p.type == products::Type::F32) {
        maths.push_back(ALLOW_CONVERSION_MATH);              // rounds floats to fp16: nobody asked for that
    }
    long lists = cusim_option_value("CUDNN_LISTS");
    std::vector<Performance> all;
    for (const Algorithm &a : ALGORITHMS[(int) p.pass]) {
        for (int math : maths) {
            size_t bytes = workspace_bytes(a, p);
            const char *reason = unsupported(a, p, math, measured ? Asked::RUN : Asked::SIZE);
            int status = reason ? NOT_SUPPORTED : bytes > room ? DEVICE_ALLOCATION_FAILED : SUCCESS;
            if (a.number < 0 || (!measured && lists == 1)) {
                continue;
            }
            if (status != SUCCESS || (measured && lists == 2)) {
                all.push_back({a.number, status ? status : EXECUTION_FAILED, -1, (size_t) -1, a.deterministic, math, {}});
                continue;
            }
            float speed = math == FMA_MATH ? 1 : math == ALLOW_CONVERSION_MATH ? 0.4f : 0.5f;
            all.push_back({a.number, status, speed * a.milliseconds, bytes, deterministic(a), math, {}});
        }
    }
    std::stable_sort(all.begin(), all.end(), [](const Performance &a, const Performance &b) {
        return a.status == SUCCESS ? b.status != SUCCESS || a.milliseconds < b.milliseconds : false;
    });
    return all;
}

}  // namespace cudnn

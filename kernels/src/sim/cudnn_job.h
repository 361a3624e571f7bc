// cudnn_job.h: a convolution in the stream of the simulated cuDNN: its operands are looked at, then it is computed.
#pragma once
#include <atomic>
#include <cstdio>
#include <cstring>

#include "cudnn_algorithms.h"

namespace cudnn {

inline const char *name_of(Pass pass) {
    return pass == Pass::FORWARD         ? "cudnnConvolutionForward"
           : pass == Pass::BACKWARD_DATA ? "cudnnConvolutionBackwardData"
                                         : "cudnnConvolutionBackwardFilter";
}

struct Job {
    Problem problem;
    Algorithm algorithm;
    void *workspace;
    size_t workspace_bytes;
};

inline void *result_of(const Problem &p) {
    return p.pass == Pass::FORWARD ? p.y_data : p.pass == Pass::BACKWARD_DATA ? p.x_data : p.w_data;
}

inline long filter_elements(const Problem &p) {
    return p.y.c * p.window();
}

inline long result_elements(const Problem &p) {
    return p.pass == Pass::FORWARD         ? p.y.n * p.y.image()
           : p.pass == Pass::BACKWARD_DATA ? p.x.n * p.x.image()
                                           : filter_elements(p);
}

inline int check_ranges(const Job &job) {
    const Problem &p = job.problem;
    const char *name = name_of(p.pass);
    struct Operand {
        const char *what;
        void *data;
        long count;
    } operands[] = {
            {"x", p.x_data, p.x.n * p.x.image()},
            {"w", p.w_data, filter_elements(p)},
            {"y", p.y_data, p.y.n * p.y.image()}};
    char what[80];
    for (const Operand &o : operands) {
        bool result = o.data == result_of(p);
        std::snprintf(what, sizeof what, "%s: %s", name, o.what);
        if (int status = cusim_range(o.data, p.bytes(o.count), !result ? 0 : p.beta == 0 ? 1 : 2, what)) {
            return status;
        }
    }
    std::snprintf(what, sizeof what, "%s: workspace", name);
    return job.workspace_bytes == 0 ? 0 : cusim_range(job.workspace, job.workspace_bytes, 1, what);
}

// A different element of the result in each run is off by its last bit.
inline void shake(const Problem &p) {
    static std::atomic<long> runs{0};
    size_t at = (size_t) (runs++ % result_elements(p));
    ((unsigned char *) result_of(p))[at * products::bytes_of(p.type)] ^= 1;
}

inline int run(void *argument) {
    const Job &job = *(const Job *) argument;
    if (int status = check_ranges(job)) {
        return status;
    }
    if (job.workspace_bytes > 0) {
        std::memset(job.workspace, 0xff, job.workspace_bytes);
    }
    convolution::solve(job.problem);
    if (!deterministic(job.algorithm)) {
        shake(job.problem);
    }
    return 0;
}

}  // namespace cudnn

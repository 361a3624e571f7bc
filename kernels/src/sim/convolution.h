// convolution.h: the arithmetic of the simulated cuDNN: a 2-D convolution over [N,H,W,C] and its two gradients.
//   y[n,p,q,k] = sum over r,s,c of x[n, p*stride - padding + r, q*stride - padding + s, c] * w[k,r,s,c]
//   Image by image: columns[p*q, r*s*c] gathers the windows of x, then each pass is one matrix product with it.
// Order    dw adds the images of a group one after the other, then the groups: the same bits on any number of cores.
#pragma once
#include <vector>

#include "products.h"
#include "simulator.h"

namespace convolution {

enum class Pass { FORWARD, BACKWARD_DATA, BACKWARD_FILTER };

struct Extents {
    long n;
    long h;
    long w;
    long c;

    long image() const {
        return h * w * c;
    }
};

// x [N,H,W,C], w [K,R,S,C], y [N,P,Q,K]; all of one type. One of the three is the result.
struct Problem {
    Pass pass;
    Extents x;
    Extents y;
    long rows;          // of the filter: R
    long columns;       // S
    long stride_h;
    long stride_w;
    long padding_h;
    long padding_w;
    products::Type type;
    products::Rounding rounding;
    float alpha;
    float beta;
    void *x_data;
    void *w_data;
    void *y_data;

    long window() const {
        return rows * columns * x.c;
    }

    long pixels() const {
        return y.h * y.w;
    }

    size_t bytes(long elements) const {
        return (size_t) elements * products::bytes_of(type);
    }
};

constexpr long GROUPS = 4;      // of images, each with its own sums of dw

// What all images share while a problem is solved.
struct Work {
    const Problem &p;
    std::vector<float> weights;     // forward: [R*S*C, K]; backward data: [K, R*S*C]
    std::vector<float> sums;        // backward filter: GROUPS times [K, R*S*C]
};

// visit(position in columns, position in an image of x) for every element of a window that lies inside the image.
template <typename Visit>
void windows(const Problem &p, Visit visit) {
    for (long row = 0; row < p.y.h; row++) {
        for (long column = 0; column < p.y.w; column++) {
            for (long r = 0; r < p.rows; r++) {
                long h = row * p.stride_h - p.padding_h + r;
                for (long s = 0; s < p.columns; s++) {
                    long w = column * p.stride_w - p.padding_w + s;
                    if (h < 0 || h >= p.x.h || w < 0 || w >= p.x.w) {
                        continue;
                    }
                    long at = (row * p.y.w + column) * p.window() + (r * p.columns + s) * p.x.c;
                    visit(at, (h * p.x.w + w) * p.x.c);
                }
            }
        }
    }
}

inline std::vector<float> gather(const Problem &p, long image) {
    std::vector<float> columns((size_t) (p.pixels() * p.window()));
    windows(p, [&](long to, long from) {
        size_t first = (size_t) (image * p.x.image() + from);
        for (long c = 0; c < p.x.c; c++) {
            columns[to + c] = products::load(p.x_data, p.type, p.rounding, first + c);
        }
    });
    return columns;
}

// The gradient of one image of y: [pixels, K], or [K, pixels] where transposed.
inline std::vector<float> gradient(const Problem &p, long image, bool transposed) {
    std::vector<float> dy((size_t) p.y.image());
    for (long i = 0; i < p.pixels(); i++) {
        for (long k = 0; k < p.y.c; k++) {
            size_t at = (size_t) (image * p.y.image() + i * p.y.c + k);
            dy[transposed ? k * p.pixels() + i : i * p.y.c + k] = products::load(p.y_data, p.type, p.rounding, at);
        }
    }
    return dy;
}

inline void forward(void *argument, long image) {
    const Work &work = *(const Work *) argument;
    const Problem &p = work.p;
    std::vector<float> columns = gather(p, image);
    std::vector<float> y((size_t) p.y.image());
    products::multiply(p.pixels(), p.y.c, p.window(), columns.data(), work.weights.data(), y.data(), false);
    for (long i = 0; i < p.y.image(); i++) {
        products::store(p.y_data, p.type, (size_t) (image * p.y.image() + i), y[i], p.alpha, p.beta);
    }
}

inline void backward_data(void *argument, long image) {
    const Work &work = *(const Work *) argument;
    const Problem &p = work.p;
    std::vector<float> dy = gradient(p, image, false);
    std::vector<float> columns((size_t) (p.pixels() * p.window()));
    products::multiply(p.pixels(), p.window(), p.y.c, dy.data(), work.weights.data(), columns.data(), false);
    std::vector<float> dx((size_t) p.x.image());
    windows(p, [&](long from, long to) {
        for (long c = 0; c < p.x.c; c++) {
            dx[to + c] += columns[from + c];
        }
    });
    for (long i = 0; i < p.x.image(); i++) {
        products::store(p.x_data, p.type, (size_t) (image * p.x.image() + i), dx[i], p.alpha, p.beta);
    }
}

inline void backward_filter(void *argument, long group) {
    Work &work = *(Work *) argument;
    const Problem &p = work.p;
    float *sums = work.sums.data() + group * p.y.c * p.window();
    for (long image = p.x.n * group / GROUPS; image < p.x.n * (group + 1) / GROUPS; image++) {
        std::vector<float> columns = gather(p, image);
        std::vector<float> dy = gradient(p, image, true);
        products::multiply(p.y.c, p.window(), p.pixels(), dy.data(), columns.data(), sums, true);
    }
}

inline void solve_filter(Work &work) {
    const Problem &p = work.p;
    size_t count = (size_t) (p.y.c * p.window());
    work.sums.assign(GROUPS * count, 0);
    cusim_parallel(GROUPS, backward_filter, &work);
    for (size_t i = 0; i < count; i++) {
        float sum = 0;
        for (long group = 0; group < GROUPS; group++) {
            sum += work.sums[group * count + i];
        }
        products::store(p.w_data, p.type, i, sum, p.alpha, p.beta);
    }
}

inline void solve(const Problem &p) {
    Work work{p, {}, {}};
    if (p.pass == Pass::BACKWARD_FILTER) {
        solve_filter(work);
        return;
    }
    long k = p.y.c;
    work.weights.resize((size_t) (k * p.window()));
    for (long i = 0; i < k; i++) {
        for (long j = 0; j < p.window(); j++) {
            float w = products::load(p.w_data, p.type, p.rounding, (size_t) (i * p.window() + j));
            work.weights[p.pass == Pass::FORWARD ? j * k + i : i * p.window() + j] = w;
        }
    }
    cusim_parallel(p.x.n, p.pass == Pass::FORWARD ? forward : backward_data, &work);
}

}  // namespace convolution

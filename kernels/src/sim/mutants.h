// mutants.h: the switches that mutate.cpp puts into a kernel. Included before it; not a part of any product build.
#pragma once
#include <cstdlib>

namespace mutants {
inline const int active = std::getenv("CUSIM_MUTANT") ? std::atoi(std::getenv("CUSIM_MUTANT")) : -1;

// The named operator a <Bound(id)> b: a < b, or a <= b in its mutant. It binds as < does.
struct Bound {
    int id;
};
template <class A>
struct Left {
    A a;
    int id;
};
template <class A>
inline Left<A> operator<(A a, Bound b) {
    return {a, b.id};
}
template <class A, class B>
inline bool operator>(Left<A> l, B b) {
    return l.id == active ? l.a <= b : l.a < b;
}
}  // namespace mutants

#define MUTANT_BOUND(id) mutants::Bound{id}
#define MUTANT_SYNC(id, call)                \
    do {                                     \
        if (mutants::active != id) call;     \
    } while (0)
#define MUTANT_GUARD(id) (mutants::active != id)
#define MUTANT_SKIP(id) (mutants::active == id)

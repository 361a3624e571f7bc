// mutants.h: the switches that mutate.cpp puts into a kernel, included before it; mutants.cpp says which one is on.
// Each also notes that it was reached, where its mutant would have done something else than the kernel does.
#pragma once

extern "C" int cusim_mutant;
extern "C" unsigned char cusim_reached[4096];

namespace mutants {

#define ALWAYS_INLINE inline __attribute__((always_inline))

// Assembly, because in check builds an access in C++ would be looked at as one of the kernel's.
ALWAYS_INLINE int active() {
    int id;
    asm("movl cusim_mutant(%%rip), %0" : "=r"(id));
    return id;
}

template <int ID>
ALWAYS_INLINE void reach() {
    static_assert(ID < (int)sizeof cusim_reached, "more mutants than cusim_reached has room for");
    asm volatile("movb $1, cusim_reached+%c0(%%rip)" : : "i"(ID));
}

// The named operator a <Bound<ID>{}> b: a < b, or a <= b in its mutant. It binds as < does.
template <int ID>
struct Bound {};
template <int ID, class A>
struct Left {
    A a;
};
template <int ID, class A>
ALWAYS_INLINE Left<ID, A> operator<(A a, Bound<ID>) {
    return {a};
}
template <int ID, class A, class B>
ALWAYS_INLINE bool operator>(Left<ID, A> l, B b) {
    if (!(l.a == b)) return l.a < b;
    reach<ID>();
    return active() == ID;
}

// A condition that protects what follows by leaving: never true in its mutant.
template <int ID>
ALWAYS_INLINE bool guard(bool condition) {
    if (!condition) return false;
    reach<ID>();
    return active() != ID;
}

// A condition that protects what depends on it: always true in its mutant.
template <int ID>
ALWAYS_INLINE bool skip(bool condition) {
    if (condition) return true;
    reach<ID>();
    return active() == ID;
}

#undef ALWAYS_INLINE
}  // namespace mutants

#define MUTANT_BOUND(id) mutants::Bound<id>{}
#define MUTANT_GUARD(id) mutants::guard<id>
#define MUTANT_SKIP(id) mutants::skip<id>
#define MUTANT_SYNC(id, call)                \
    do {                                     \
        mutants::reach<id>();                \
        if (mutants::active() != id) call;   \
    } while (0)

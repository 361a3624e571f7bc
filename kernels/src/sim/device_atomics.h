// device_atomics.h: atomics (really atomic: blocks run on several cores) and the loads and stores with a cache hint.
#pragma once
#include "device_math.h"

namespace cusim {
// old = *p; *p = f(old); returns old
template <class T, class F>
static inline T exchange(T *p, F f) {
    using Bits = std::conditional_t<sizeof(T) == 4, uint32_t, uint64_t>;
    static_assert(sizeof(T) == sizeof(Bits), "atomics take 4 or 8 bytes");
    Bits old = __atomic_load_n((Bits *)p, __ATOMIC_RELAXED);
    for (;;) {
        T before = bits<T>(old);
        Bits after = bits<Bits>((T)f(before));
        if (__atomic_compare_exchange_n((Bits *)p, &old, after, false, __ATOMIC_SEQ_CST, __ATOMIC_RELAXED)) return before;
    }
}
template <class T>
using Same = std::common_type_t<T>;     // keeps the second argument out of the deduction of T
}  // namespace cusim

template <class T>
static inline T atomicAdd(T *p, cusim::Same<T> v) { return cusim::exchange(p, [=](T old) { return old + v; }); }
template <class T>
static inline T atomicSub(T *p, cusim::Same<T> v) { return cusim::exchange(p, [=](T old) { return old - v; }); }
template <class T>
static inline T atomicMax(T *p, cusim::Same<T> v) { return cusim::exchange(p, [=](T old) { return old > v ? old : v; }); }
template <class T>
static inline T atomicMin(T *p, cusim::Same<T> v) { return cusim::exchange(p, [=](T old) { return old < v ? old : v; }); }
template <class T>
static inline T atomicExch(T *p, cusim::Same<T> v) { return cusim::exchange(p, [=](T) { return v; }); }
template <class T>
static inline T atomicAnd(T *p, cusim::Same<T> v) { return cusim::exchange(p, [=](T old) { return old & v; }); }
template <class T>
static inline T atomicOr(T *p, cusim::Same<T> v) { return cusim::exchange(p, [=](T old) { return old | v; }); }
template <class T>
static inline T atomicXor(T *p, cusim::Same<T> v) { return cusim::exchange(p, [=](T old) { return old ^ v; }); }
template <class T>
static inline T atomicCAS(T *p, cusim::Same<T> expected, cusim::Same<T> v) {
    return cusim::exchange(p, [=](T old) { return old == expected ? v : old; });
}
static inline unsigned atomicInc(unsigned *p, unsigned last) {
    return cusim::exchange(p, [=](unsigned old) { return old >= last ? 0u : old + 1; });
}

template <class T> static inline T __ldg(const T *p) { return *p; }
template <class T> static inline T __ldcs(const T *p) { return *p; }
template <class T> static inline T __ldca(const T *p) { return *p; }
template <class T> static inline T __ldcg(const T *p) { return *p; }
template <class T> static inline void __stcs(T *p, cusim::Same<T> v) { *p = v; }
template <class T> static inline void __stcg(T *p, cusim::Same<T> v) { *p = v; }
template <class T> static inline void __stwt(T *p, cusim::Same<T> v) { *p = v; }

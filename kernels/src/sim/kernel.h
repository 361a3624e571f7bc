// kernel.h: the list of compiled-in kernels. Every translated file ends with one CUSIM_KERNEL line for each of its
// extern "C" __global__ functions; the C++ signature says how cuLaunchKernel's parameters are unpacked.
#pragma once
#include <cstddef>
#include <cstdint>
#include <type_traits>
#include <utility>

namespace cusim {

struct Kernel {
    const char *name;
    const char *file;
    void (*call)(const Kernel &, char *arguments);
    void *function;
    int parameters;
    const uint16_t *size, *offset;      // bytes, of each parameter
    int bytes;                          // of all parameters, packed as the device packs them
};

void registerKernel(const Kernel *kernel);
const Kernel *findKernel(const char *name);

template <class... A>
struct Registration {
    static constexpr int COUNT = sizeof...(A);
    uint16_t size[COUNT + 1] = {(uint16_t)sizeof(A)..., 0};
    uint16_t offset[COUNT + 1] = {};
    Kernel kernel;

    Registration(const char *name, const char *file, void (*function)(A...)) {
        const uint16_t alignment[COUNT + 1] = {(uint16_t)alignof(A)..., 1};
        int at = 0;
        for (int i = 0; i < COUNT; i++) {
            at = (at + alignment[i] - 1) / alignment[i] * alignment[i];
            offset[i] = (uint16_t)at;
            at += size[i];
        }
        kernel = Kernel{name, file, call, (void *)function, COUNT, size, offset, at};
        registerKernel(&kernel);
    }

    template <size_t... I>
    static void unpack(const Kernel &k, char *arguments, std::index_sequence<I...>) {
        ((void (*)(A...))k.function)(*(std::remove_const_t<A> *)(arguments + k.offset[I])...);
    }

    static void call(const Kernel &k, char *arguments) { unpack(k, arguments, std::index_sequence_for<A...>()); }
};

}  // namespace cusim

#define CUSIM_KERNEL(name) static cusim::Registration cusim_kernel_##name(#name, __FILE__, name);

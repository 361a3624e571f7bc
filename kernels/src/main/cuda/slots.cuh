// slots.cuh: one launch over many parameters of different lengths.
//   The list travels by value among the kernel's arguments (4096 bytes at most), so a launch needs no table in memory and can
//   be recorded in a graph; longer lists are several launches. Java lays it out in ddpm.engine.backend.cuda.memory.SlotList.
// Threads  a slot of n elements gets ceil(n / SLOT_CHUNK) blocks of SLOT_THREADS threads, slot after slot; a thread takes groups
//          of four elements. The cut depends on the lengths alone.
#pragma once

#define SLOT_THREADS 256
#define SLOT_CHUNK 4096

template <int POINTERS, int CAPACITY>
struct SlotList {
    float* pointer[CAPACITY][POINTERS];
    long long n[CAPACITY];      // elements of each buffer of the slot
    int first_block[CAPACITY];  // of the launch
    int count;
    int first_part;  // number of the launch's first block among those of all launches
};

// The slot that a block works on: the last whose first block is not behind it.
template <int POINTERS, int CAPACITY>
__device__ __forceinline__ int slot_of(const SlotList<POINTERS, CAPACITY>& list, int block) {
    int low = 0;
    int high = list.count - 1;
    while (low < high) {
        int middle = (low + high + 1) / 2;
        if (list.first_block[middle] <= block) {
            low = middle;
        } else {
            high = middle - 1;
        }
    }
    return low;
}

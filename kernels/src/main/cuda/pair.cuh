// pair.cuh: what becomes of two elements. The numbers are the order of ddpm.engine.backend.ElementwiseOps.Pair.
#pragma once

enum Pair { SUBTRACT, MULTIPLY, DIVIDE };

// pair is the same for all threads, so the branch costs nothing beside memory.
__device__ __forceinline__ float combined(int pair, float v, float w) {
    return pair == SUBTRACT ? v - w : pair == MULTIPLY ? v * w : v / w;
}

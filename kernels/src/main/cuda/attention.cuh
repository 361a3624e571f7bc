// attention.cuh: what the attention kernels share: addresses in packed [N,T,3C], columns padded with zeros.
// Packed   qkv, dqkv [N,T,3C]: query, key, value of a token, each C = heads * head_dim wide; head h at h * head_dim.
// Grid     one-dimensional: every head of every image gets ceil(T / rows of a block) blocks, one after the other.
// Padding  a kernel for D columns serves any head_dim <= D: columns from head_dim on are read as 0 and not written.
#pragma once

#include "device.cuh"

constexpr float LOG2E = 1.4426950408889634f;    // exp(x) = 2^(x * LOG2E): the hardware computes powers of two

// The head of the image that a block works on.
struct Head {
    size_t number;    // n * heads + h
    size_t first;     // n * T, the image's first token
    int block;        // this block among the head's
    int tokens;       // T
    int dim;          // head_dim
    int width;        // C
    int column;       // h * head_dim

    // Where the token's query begins in qkv; its key is `width` further on, its value twice that.
    __device__ __forceinline__ size_t packed(int token) const {
        return (first + token) * 3 * width + column;
    }

    // Where the token's row begins in y [N,T,C].
    __device__ __forceinline__ size_t row(int token) const {
        return (first + token) * width + column;
    }

    // The token's place in [N,heads,T].
    __device__ __forceinline__ size_t scalar(int token) const {
        return number * tokens + token;
    }
};

__device__ __forceinline__ Head head_of_block(int tokens, int heads, int head_dim, int rows_of_block) {
    int blocks = (tokens + rows_of_block - 1) / rows_of_block;
    Head head;
    head.number = blockIdx.x / blocks;
    head.first = head.number / heads * tokens;
    head.block = blockIdx.x % blocks;
    head.tokens = tokens;
    head.dim = head_dim;
    head.width = heads * head_dim;
    head.column = (int)(head.number % heads) * head_dim;
    return head;
}

// Columns column .. column+3 of a row that begins at `row`. dim % 4 == 0 aligns every row of every head to 16 bytes.
__device__ __forceinline__ float4 load_columns(const float* __restrict__ row, int column, int dim) {
    float4 x = make_float4(0.0f, 0.0f, 0.0f, 0.0f);
    if (dim % 4 == 0) {
        if (column < dim) x = *reinterpret_cast<const float4*>(row + column);
        return x;
    }
    if (column < dim) x.x = row[column];
    if (column + 1 < dim) x.y = row[column + 1];
    if (column + 2 < dim) x.z = row[column + 2];
    if (column + 3 < dim) x.w = row[column + 3];
    return x;
}

__device__ __forceinline__ void store_columns(float* __restrict__ row, int column, int dim, float4 x) {
    if (dim % 4 == 0) {
        if (column < dim) *reinterpret_cast<float4*>(row + column) = x;
        return;
    }
    if (column < dim) row[column] = x.x;
    if (column + 1 < dim) row[column + 1] = x.y;
    if (column + 2 < dim) row[column + 2] = x.z;
    if (column + 3 < dim) row[column + 3] = x.w;
}

// sum + a . b
__device__ __forceinline__ float dot4(float sum, float4 a, float4 b) {
    return fmaf(a.w, b.w, fmaf(a.z, b.z, fmaf(a.y, b.y, fmaf(a.x, b.x, sum))));
}

__device__ __forceinline__ float4 scale4(float factor, float4 x) {
    return make_float4(factor * x.x, factor * x.y, factor * x.z, factor * x.w);
}

// sum += factor * x
__device__ __forceinline__ void add_scaled4(float4& sum, float factor, float4 x) {
    sum.x = fmaf(factor, x.x, sum.x);
    sum.y = fmaf(factor, x.y, sum.y);
    sum.z = fmaf(factor, x.z, sum.z);
    sum.w = fmaf(factor, x.w, sum.w);
}

// products.h: the arithmetic behind the simulated libraries: rounding of operands, and one matrix product in float.
//   Each element of a product is one running sum in float in the order of k, whatever the extents beside it and however
//   many cores take part: a row's bits do not depend on the rows around it.
#pragma once
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <vector>

namespace products {

enum class Type { F32, BF16 };

// What the multiplier does to an operand in float: TF32 keeps 10 bits of the significand behind the point.
enum class Rounding { NONE, TF32 };

inline size_t bytes_of(Type type) {
    return type == Type::F32 ? sizeof(float) : sizeof(uint16_t);
}

inline float from_bf16(uint16_t bits) {
    uint32_t word = (uint32_t) bits << 16;
    float value;
    std::memcpy(&value, &word, sizeof value);
    return value;
}

// To nearest, ties to even; NaN stays NaN.
inline uint16_t to_bf16(float value) {
    uint32_t word;
    std::memcpy(&word, &value, sizeof word);
    if ((word & 0x7fffffffu) > 0x7f800000u) {
        return 0x7fff;
    }
    return (uint16_t) ((word + 0x7fffu + ((word >> 16) & 1u)) >> 16);
}

inline float to_tf32(float value) {
    uint32_t word;
    std::memcpy(&word, &value, sizeof word);
    if ((word & 0x7f800000u) != 0x7f800000u) {
        word = (word + 0xfffu + ((word >> 13) & 1u)) & ~0x1fffu;
    }
    std::memcpy(&value, &word, sizeof value);
    return value;
}

// Element i of an operand as the multiplier sees it.
inline float load(const void *from, Type type, Rounding rounding, size_t i) {
    if (type == Type::BF16) {
        return from_bf16(((const uint16_t *) from)[i]);
    }
    float value = ((const float *) from)[i];
    return rounding == Rounding::TF32 ? to_tf32(value) : value;
}

inline void load_all(const void *from, Type type, Rounding rounding, size_t count, float *to) {
    for (size_t i = 0; i < count; i++) {
        to[i] = load(from, type, rounding, i);
    }
}

// to[i] = alpha * sum + beta * to[i]; where beta is 0 the old value is not read, it may be NaN.
inline void store(void *to, Type type, size_t i, float sum, float alpha, float beta) {
    float value = alpha * sum + (beta != 0 ? beta * load(to, type, Rounding::NONE, i) : 0);
    if (type == Type::BF16) {
        ((uint16_t *) to)[i] = to_bf16(value);
    } else {
        ((float *) to)[i] = value;
    }
}

constexpr long ROWS = 4;        // of a tile of sums that stays in registers
constexpr long COLUMNS = 16;

// A tile of at most ROWS x COLUMNS sums. panel: [k, COLUMNS], the columns of b behind one another.
__attribute__((always_inline)) inline void tile(long rows, long k, const float *a, long a_row, const float *panel, float sums[ROWS][COLUMNS]) {
    std::memset(sums, 0, sizeof(float) * ROWS * COLUMNS);
    if (rows == ROWS) {
        for (long l = 0; l < k; l++) {
            const float *b = panel + l * COLUMNS;
            for (long i = 0; i < ROWS; i++) {
                float factor = a[i * a_row + l];
                for (long j = 0; j < COLUMNS; j++) {
                    sums[i][j] = __builtin_fmaf(factor, b[j], sums[i][j]);
                }
            }
        }
        return;
    }
    for (long i = 0; i < rows; i++) {
        for (long l = 0; l < k; l++) {
            for (long j = 0; j < COLUMNS; j++) {
                sums[i][j] = __builtin_fmaf(a[i * a_row + l], panel[l * COLUMNS + j], sums[i][j]);
            }
        }
    }
}

// c[m,n] = a[m,k] * b[k,n], all row-major without gaps; adds to c where add is true. Compiled twice; the processor that
// runs it says which one is taken.
__attribute__((target_clones("arch=x86-64-v3", "default"), optimize("O3"))) static void multiply(long m, long n, long k, const float *a, const float *b, float *c, bool add) {
    std::vector<float> panel((size_t) k * COLUMNS);
    float sums[ROWS][COLUMNS];
    for (long column = 0; column < n; column += COLUMNS) {
        long columns = n - column < COLUMNS ? n - column : COLUMNS;
        for (long l = 0; l < k; l++) {
            for (long j = 0; j < COLUMNS; j++) {
                panel[l * COLUMNS + j] = j < columns ? b[l * n + column + j] : 0;
            }
        }
        for (long row = 0; row < m; row += ROWS) {
            long rows = m - row < ROWS ? m - row : ROWS;
            tile(rows, k, a + row * k, k, panel.data(), sums);
            for (long i = 0; i < rows; i++) {
                float *out = c + (row + i) * n + column;
                for (long j = 0; j < columns; j++) {
                    out[j] = add ? out[j] + sums[i][j] : sums[i][j];
                }
            }
        }
    }
}

}  // namespace products

// What the user tower's forward pass needs beside products (math/panel_matrix.h), by SIMD chosen at run time
// (Highway): causal attention and layer normalisation.
//
// The functions of namespace `reference` say the same slowly, adding in double precision; the fast ones agree
// with them up to rounding. All are thread-safe and allocate nothing.
#pragma once

#include <cstddef>
#include <span>

namespace winnow {

// Each row of `width` to mean 0 and variance 1, times gain, plus bias. out may be rows.
void normalize_rows(std::span<const float> rows, std::span<const float> gain, std::span<const float> bias,
                    std::span<float> out);

// One query's attention over the keys and values of its own position and those before it.
struct AttentionShape {
  std::size_t heads = 1;
  std::size_t width = 0;       // of all heads together, a multiple of 16 * heads
  std::size_t key_stride = 0;  // floats from one position's key, or value, to the next one's
};
// query: width. keys, values: positions x key_stride. bias: heads x length, by distance back from the query;
// its row of one head is bias.size() / heads long and covers all positions. weights: scratch of `positions`.
// out: width.
void attend(const AttentionShape& shape, std::span<const float> query, const float* keys, const float* values,
            std::size_t positions, std::span<const float> bias, std::span<float> weights,
            std::span<float> out);

namespace reference {
void normalize_rows(std::span<const float> rows, std::span<const float> gain, std::span<const float> bias,
                    std::span<float> out);
void attend(const AttentionShape& shape, std::span<const float> query, const float* keys, const float* values,
            std::size_t positions, std::span<const float> bias, std::span<float> weights,
            std::span<float> out);
}  // namespace reference

}  // namespace winnow

// Inner products of dense float vectors, by SIMD chosen at run time (Highway).
//
// The scalar functions of namespace `reference` are the oracle: the fast ones agree with them up to rounding,
// since they add in another order. All are thread-safe and allocate nothing. Sizes need not be multiples of
// anything.
#pragma once

#include <cstdint>
#include <span>
#include <string>

namespace winnow {

// a.size() == b.size().
float dot(std::span<const float> a, std::span<const float> b);

// y += alpha * x; x.size() == y.size().
void axpy(float alpha, std::span<const float> x, std::span<float> y);

// out[i] = <row i, query>. rows: out.size() x query.size(), row-major. O(rows), bound by memory.
void score_rows(std::span<const float> rows, std::span<const float> query, std::span<float> out);

// The instruction set that this machine runs: "AVX3_ZEN4", "AVX2", ... Benches print it beside their figures.
std::string simd_name();

namespace reference {
float dot(std::span<const float> a, std::span<const float> b);
void axpy(float alpha, std::span<const float> x, std::span<float> y);
void score_rows(std::span<const float> rows, std::span<const float> query, std::span<float> out);
}  // namespace reference

}  // namespace winnow

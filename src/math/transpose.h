// Columns that lie behind each other become rows.
#pragma once

#include <cstddef>
#include <span>

namespace winnow {

// columns: any number x rows, one column behind the other; out: of the same size, rows x columns, one row
// behind the other. The two do not overlap. O(size). Thread-safe, no allocation.
void transpose(std::span<const float> columns, std::size_t rows, std::span<float> out);

// The same into wider rows, of which it fills the first places: from one to the next are `stride` floats, and
// out ends with the last place that is filled.
void transpose(std::span<const float> columns, std::size_t rows, std::span<float> out, std::size_t stride);

}  // namespace winnow

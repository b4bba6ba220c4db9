// Matrices in the layout of big-ann-benchmarks: u32 rows, u32 columns, then the rows; .fbin of floats, .ibin
// of ids.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>

namespace winnow::bench {

// Mapped from its file: ten million vectors take no memory that nobody else can have.
template <class T>
struct Matrix {
  std::uint32_t columns = 0;
  std::span<const T> values;
  std::shared_ptr<const void> owner;

  std::uint32_t rows() const {
    return columns == 0 ? 0 : static_cast<std::uint32_t>(values.size() / columns);
  }
  std::span<const T> row(std::size_t i) const { return values.subspan(i * columns, columns); }
};

// The first rows of a file (all, when `most` is 0). What is wrong ends the program with a message.
Matrix<float> read_fbin(const std::string& path, std::uint32_t most = 0);
Matrix<std::uint32_t> read_ibin(const std::string& path);
void write_fbin(const std::string& path, std::uint32_t columns, std::span<const float> values);
void write_ibin(const std::string& path, std::uint32_t columns, std::span<const std::uint32_t> values);

[[noreturn]] void give_up(const std::string& what);

}  // namespace winnow::bench

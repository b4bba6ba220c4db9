#include "models/graph/propagation.h"

#include <cmath>

#include "math/sparse_rows.h"
#include "math/vector_kernels.h"

namespace winnow {
namespace {

// to = matrix * from; matrix: rows x columns in compressed rows, from: columns x dims.
void multiply_sparse(const Interactions& matrix, std::span<const float> from, std::span<float> to,
                     std::uint32_t dims) {
  for (std::uint32_t row = 0; row < matrix.users; ++row) {
    sum_rows(from, matrix.items_of(row), matrix.weights_of(row), to.subspan(std::size_t{row} * dims, dims));
  }
}

}  // namespace

Propagation::Propagation(const Interactions& data) : by_user_(data) {
  std::vector<float> degree(data.items);
  for (const std::uint32_t item : data.item) ++degree[item];
  for (std::uint32_t user = 0; user < data.users; ++user) {
    const auto own = static_cast<float>(data.items_of(user).size());
    for (std::uint64_t at = data.offsets[user]; at < data.offsets[user + 1]; ++at) {
      by_user_.weight[at] = 1 / std::sqrt(own * degree[data.item[at]]);
    }
  }
  by_item_ = by_user_.transposed();
}

AlignedFloats Propagation::spread(std::span<const float> vectors, std::uint32_t dims) const {
  WINNOW_CHECK(vectors.size() == std::size_t{by_user_.items} * dims);
  AlignedFloats users(std::size_t{by_user_.users} * dims);
  multiply_sparse(by_user_, vectors, users, dims);
  AlignedFloats items(vectors.size());
  multiply_sparse(by_item_, users, items, dims);
  return items;
}

}  // namespace winnow

#include "models/interactions.h"

namespace winnow {

Interactions Interactions::transposed() const {
  Interactions out;
  out.users = items;
  out.items = users;
  out.offsets.assign(std::size_t{items} + 1, 0);
  for (const std::uint32_t i : item) ++out.offsets[i + 1];
  for (std::size_t i = 0; i < items; ++i) out.offsets[i + 1] += out.offsets[i];
  out.item.resize(size());
  out.weight.resize(size());
  out.time_ms.resize(size());
  // Users come in rising order, so every transposed row is ascending too.
  std::vector<std::uint64_t> next(out.offsets.begin(), out.offsets.end() - 1);
  for (std::uint32_t user = 0; user < users; ++user) {
    for (std::uint64_t at = offsets[user]; at < offsets[user + 1]; ++at) {
      const std::uint64_t to = next[item[at]]++;
      out.item[to] = user;
      out.weight[to] = weight[at];
      out.time_ms[to] = time_ms[at];
    }
  }
  return out;
}

Status check_trainable(const Interactions& data) {
  WINNOW_CHECK(data.offsets.size() == std::size_t{data.users} + 1 && data.offsets.back() == data.size());
  WINNOW_CHECK(data.weight.size() == data.size() && data.time_ms.size() == data.size());
  if (data.size() == 0) {
    return Error{ErrorCode::invalid,
                 "there is nothing to learn from: no positive interaction; import events, widen the training "
                 "window or "
                 "loosen the positive rules",
                 "interactions"};
  }
  return {};
}

}  // namespace winnow

// The vector index of a model's items: built and tuned in training, kept in the bundle, searched by requests.
#pragma once

#include <cstdint>
#include <memory>
#include <span>

#include "base/result.h"
#include "index/vector_index.h"
#include "models/interactions.h"
#include "models/vector_model.h"

namespace winnow {

struct ModelIndexOptions {
  // Catalogues below this many items are searched exactly, which takes less than a millisecond there.
  std::uint32_t from_items = 50'000;
  IndexKind kind = IndexKind::ivf_int8;
  std::uint32_t limit = 200;  // the k of the recall that is aimed at
  float target_recall = 0.95f;
  std::uint32_t queries = 512;  // users that recall is measured on
  std::uint32_t threads = 1;
  std::uint64_t seed = 1;
};

// Null for a catalogue below options.from_items. The effort of a search is tuned on vectors of users drawn
// from `history`, or of items where there are too few users; the profile says which recall that reaches and
// holds a health check.
//
// Items whose vectors are so short that next to no answer holds one of them are left out: in a long tail of
// items that one or two people met those are most, and what they would cost every search is better spent on
// the others. The recall that is stated is that among all items. Errors: those of build_index and tune.
Result<std::shared_ptr<const VectorIndex>> build_model_index(const VectorModel& model,
                                                             const Interactions& history,
                                                             const ModelIndexOptions& options);

}  // namespace winnow

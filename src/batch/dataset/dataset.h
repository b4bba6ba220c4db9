// What models are trained on: interactions in dense rows, with the external id of every item row.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "batch/clean/pairs.h"
#include "models/interactions.h"
#include "models/two_tower/sequences.h"

namespace winnow {

struct Dataset {
  Interactions pairs;  // rows: users and items with at least one pair, in the order of their old rows
  std::vector<std::uint8_t> liked;       // as pairs.item: 1 for a positive signal
  std::vector<std::string> item_ids;     // pairs.items
  FeatureBags profiles;                  // rows: pairs.users; what the two-tower model reads of them
  std::vector<std::uint32_t> user_rows;  // pairs.users: the row that each had in the events

  std::string encode() const;
  static Result<Dataset> decode(std::string_view bytes);
};

// item_ids, profiles: of the pairs' item and user rows. O(pairs + items).
Dataset make_dataset(Pairs pairs, std::vector<std::string> item_ids, const FeatureBags& profiles = {});

}  // namespace winnow

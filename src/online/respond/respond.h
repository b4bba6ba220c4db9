// respond: the placed items as the caller sees them, with reasons; and something to show when there is too
// little.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "domain/query.h"
#include "online/filter/filter.h"
#include "online/respond/compose.h"
#include "online/retrieve/retrieve.h"
#include "stages/candidates.h"

namespace winnow {

// In the order of `placements`. The reason is the most telling one among the sources that proposed the item:
// whom it comes from, what it is similar to, then taste, then category, country, popularity.
std::vector<SlateItem> describe(const RequestContext& context, const ServingModel& model,
                                const Ranked& ranked, const PreparedSources& sources,
                                std::span<const Placement> placements);

// Up to `count` items that the rules let through and that are not in `taken` (ascending), newest in the
// catalogue first: the last resort, so that an answer is not empty while there is anything to show. Looks at
// 10,000 items at most.
std::vector<ItemIndex> editorial_items(const RequestContext& context, const RequestFilter& rules,
                                       const std::vector<ItemIndex>& taken, std::size_t count);

// 128 bits of the query's seed, time and subject, as 32 hexadecimal digits.
std::string make_recommendation_id(const Query& query);

}  // namespace winnow

// Trees along our gradients beside XGBoost's own rank:ndcg, on queries made up for it.
#pragma once

#include <cstdint>
#include <string>

#include "base/result.h"

namespace winnow {

// 1500 queries of 50 rows and 100 features, whose grades 0 to 4 follow a quarter of the features, a product
// of two and noise; two thirds to learn from. The same trees (500 of depth 6, rate 0.1) for both. JSON:
// NDCG@10 of the others.
Result<std::string> compare_lambdamart(std::uint64_t seed);

}  // namespace winnow

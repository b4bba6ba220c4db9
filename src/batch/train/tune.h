// What is chosen on the validation part: how fast popularity fades, and what each source's opinion weighs.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "batch/dataset/parts.h"
#include "batch/train/train_models.h"
#include "models/blend/blend.h"
#include "models/interactions.h"

namespace winnow {

// At most `most` users of a held-out part, drawn by the seed, in order of row: enough to judge by, whatever
// the site's size.
HeldOut sample_users(const HeldOut& part, std::size_t most, std::uint64_t seed);

// The half-life of `candidates` under which popularity alone has the highest NDCG@10 on the validation part;
// the first of equals. candidates: not empty; 0 is no decay. O(candidates * (pairs + users * items)).
double choose_half_life(const Interactions& fit, const HeldOut& validation,
                        std::span<const double> candidates);

// The blend's weights under which the models, trained on `fit`, predict the validation part best. The default
// weights when there is nobody to learn from.
BlendWeights choose_blend(const TrainedModels& models, const Interactions& fit, const HeldOut& validation);

}  // namespace winnow

// What is chosen on the validation part: how fast popularity fades, and what each source's opinion weighs.
#pragma once

#include <span>

#include "batch/evaluate/split.h"
#include "batch/train/train_models.h"
#include "models/blend/blend.h"
#include "models/interactions.h"

namespace winnow {

// The half-life of `candidates` under which popularity alone has the highest NDCG@10 on the validation part;
// the first of equals. candidates: not empty; 0 is no decay. O(candidates * (pairs + items + users *
// history)).
double choose_half_life(const Interactions& fit, const EvaluationSplit& validation,
                        std::span<const double> candidates);

// The blend's weights under which the models predict the validation part best. The default weights when there
// is nobody to learn from.
BlendWeights choose_blend(const ModelSet& models, const EvaluationSplit& validation);

}  // namespace winnow

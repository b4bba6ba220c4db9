// Gates: what a trained version must show before it may serve.
//
// A model is refused when it is worse beyond doubt, not when chance could explain it: the quality gates ask
// whether the 95% interval of the paired difference, widened by a tolerance, reaches zero. Many users give
// narrow intervals, so the gates grow strict with the site.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "batch/validate/judge.h"

namespace winnow {

struct GateOptions {
  std::uint64_t min_pairs = 100;  // pairs of user and item to learn from
  double tolerance = 0.05;        // share of the rival's NDCG@10 by which the blend may be worse
  double min_spread = 0.005;      // distinct items among the places of all top-10 lists
};

struct GateResult {
  std::string name;  // "finite", "data", "spread", "popularity", "live"
  bool passed = false;
  double value = 0;  // what was measured
  double limit = 0;  // what it had to reach
  std::string words;
};

struct GateInputs {
  const Judgement& judgement;
  std::uint64_t pairs = 0;
  bool finite = false;  // every parameter of the models is
};

// All gates, in order, each with its words.
std::vector<GateResult> check_gates(const GateInputs& inputs, const GateOptions& options);

// Why the version may not serve: the words of the gates that failed; empty when all passed.
std::string refusal(std::span<const GateResult> gates);

}  // namespace winnow

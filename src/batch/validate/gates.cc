#include "batch/validate/gates.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <string_view>

#include "base/text.h"

namespace winnow {

namespace {

bool metrics_finite(const Judgement& judgement) {
  for (const auto& [model, metrics] : judgement.models) {
    for (const auto& [name, metric] : metrics) {
      if (!std::isfinite(metric.value) || !std::isfinite(metric.low) || !std::isfinite(metric.high))
        return false;
    }
  }
  return true;
}

GateResult finite_gate(const GateInputs& in) {
  const bool passed = in.finite && metrics_finite(in.judgement);
  return {"finite", passed, passed ? 1.0 : 0.0, 1,
          passed ? "every parameter and metric is finite" : "a parameter or metric is not finite"};
}

GateResult data_gate(const GateInputs& in, const GateOptions& options) {
  return {"data", in.pairs >= options.min_pairs, static_cast<double>(in.pairs),
          static_cast<double>(options.min_pairs),
          fmt::format("{} pairs of user and item to learn from, at least {} wanted", with_thousands(in.pairs),
                      with_thousands(options.min_pairs))};
}

GateResult spread_gate(const GateInputs& in, const GateOptions& options) {
  GateResult gate{"spread", true, in.judgement.spread, options.min_spread, "nobody to judge by"};
  if (in.judgement.users == 0) return gate;
  gate.passed = in.judgement.spread >= options.min_spread;
  gate.words = fmt::format("{:.1f}% of the places in all lists show distinct items, at least {:.1f}% wanted",
                           100 * in.judgement.spread, 100 * options.min_spread);
  return gate;
}

// value: the most that the blend may be better by; limit: by how much it may be worse.
GateResult quality_gate(std::string name, const Comparison& with, std::string_view rival, double tolerance) {
  GateResult gate{std::move(name), true, with.high, -tolerance * with.theirs,
                  fmt::format("not compared with {}", rival)};
  if (with.users == 0) return gate;
  gate.passed = with.high >= gate.limit;
  gate.words = fmt::format(
      "NDCG@10 {:.4f} against {:.4f} of {} (difference {:+.4f} to {:+.4f}, at worst {:+.4f} allowed)",
      with.ours, with.theirs, rival, with.low, with.high, gate.limit);
  return gate;
}

}  // namespace

std::vector<GateResult> check_gates(const GateInputs& inputs, const GateOptions& options) {
  std::vector<GateResult> gates;
  gates.push_back(finite_gate(inputs));
  gates.push_back(data_gate(inputs, options));
  gates.push_back(spread_gate(inputs, options));
  gates.push_back(quality_gate("popularity", inputs.judgement.with_popular, "popularity", options.tolerance));
  gates.push_back(quality_gate("live", inputs.judgement.with_live, "the live version", options.tolerance));
  gates.back().words += fmt::format("; {}", inputs.judgement.live_words);
  return gates;
}

std::string refusal(std::span<const GateResult> gates) {
  std::string words;
  for (const GateResult& gate : gates) {
    if (gate.passed) continue;
    if (!words.empty()) words += "; ";
    words += fmt::format("gate \"{}\": {}", gate.name, gate.words);
  }
  return words;
}

}  // namespace winnow

#include "models/multitask/mmoe_scorer.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>
#include <string>

#include "base/check.h"
#include "math/narrow_layer.h"

namespace winnow {
namespace {

constexpr std::array kPrecisions = {Precision::fp32, Precision::bf16, Precision::int8};

Error bad_input(std::span<const float> rows, std::size_t inputs, std::size_t first_row) {
  const auto bad = std::find_if(rows.begin(), rows.end(), [](float value) { return !std::isfinite(value); });
  const auto at = static_cast<std::size_t>(bad - rows.begin());
  return {ErrorCode::invalid,
          "feature " + std::to_string(at % inputs) + " of row " + std::to_string(first_row + at / inputs) +
              " is not finite: fill in what is missing before scoring",
          "features"};
}

Error bad_score(std::size_t first_row, std::size_t count) {
  return {ErrorCode::invalid,
          "a score of rows " + std::to_string(first_row) + " to " + std::to_string(first_row + count - 1) +
              " is not finite: their features are beyond what the model can add up",
          "features"};
}

std::unique_ptr<const MmoeNetwork> make_network(const MmoeModel& model, std::size_t common,
                                                Precision precision, CpuLevel cpu) {
  switch (precision) {
    case Precision::fp32:
      break;
    case Precision::bf16:
      return make_bfloat16_network(model, common, cpu);
    case Precision::int8:
      return make_int8_network(model, common, cpu);
  }
  return make_float_network(model, common);
}

// How many inputs it pays to take apart: none, where padding takes their place among the rows' own.
std::size_t common_inputs(std::size_t inputs, std::size_t common) {
  common = std::min(common, inputs - 1);
  return narrow_extent(inputs - common) < narrow_extent(inputs) ? common : 0;
}

}  // namespace

std::string_view name_of(Precision precision) {
  switch (precision) {
    case Precision::fp32:
      return "fp32";
    case Precision::bf16:
      return "bf16";
    case Precision::int8:
      return "int8";
  }
  return "fp32";
}

std::optional<Precision> parse_precision(std::string_view name) {
  for (const Precision precision : kPrecisions) {
    if (name_of(precision) == name) return precision;
  }
  return std::nullopt;
}

MmoeScorer::MmoeScorer(MmoeShape shape, std::size_t common, std::unique_ptr<const MmoeNetwork> network)
    : shape_(shape),
      common_(common),
      network_(std::move(network)),
      workspaces_(std::make_unique<ObjectPool<MmoeWorkspace>>()) {}

Result<MmoeScorer> MmoeScorer::open(const MmoeModel& model, MmoeScorerOptions options) {
  WINNOW_RETURN_IF_ERROR(model.check());
  if (options.precision == Precision::int8 && model.sample.empty()) {
    return Error{ErrorCode::invalid,
                 "the multitask model has no sample rows to calibrate int8 on: train it again, or use fp32",
                 "sample"};
  }
  const CpuLevel cpu = options.cpu.value_or(best_cpu_level());
  WINNOW_RETURN_IF_ERROR(check_cpu_level(cpu));
  const std::size_t common = common_inputs(model.shape.inputs, options.common);
  MmoeScorer scorer(model.shape, common, make_network(model, common, options.precision, cpu));
  if (model.sample.empty()) return scorer;
  const std::vector<float> wanted = run_plainly(model, model.sample).scores;
  std::vector<float> found(wanted.size());
  WINNOW_RETURN_IF_ERROR(scorer.score(model.sample, found));
  double sum = 0;
  for (std::size_t i = 0; i < wanted.size(); ++i) {
    const float error = std::abs(found[i] - wanted[i]);
    scorer.error_.largest = std::max(scorer.error_.largest, error);
    sum += error;
  }
  scorer.error_.mean = static_cast<float>(sum / static_cast<double>(wanted.size()));
  return scorer;
}

std::size_t MmoeScorer::end_of_run(std::span<const float> rows, std::size_t begin) const {
  const std::size_t count = rows.size() / shape_.inputs;
  if (common_ == 0) return count;
  const auto row = [&](std::size_t r) { return rows.data() + r * shape_.inputs; };
  std::size_t end = begin + 1;
  while (end < count && std::memcmp(row(end), row(begin), common_ * sizeof(float)) == 0) ++end;
  return end;
}

Status MmoeScorer::score_run(std::span<const float> rows, std::size_t first_row, MmoeWorkspace& workspace,
                             std::span<float> scores) const {
  const std::size_t count = rows.size() / shape_.inputs;
  auto outcome = network_->begin_run(rows.first(shape_.inputs), workspace);
  for (std::size_t begin = 0; begin < count; begin += MmoeNetwork::kBlockRows) {
    const std::size_t size = std::min(MmoeNetwork::kBlockRows, count - begin);
    const auto block = rows.subspan(begin * shape_.inputs, size * shape_.inputs);
    if (outcome == MmoeNetwork::Outcome::done) {
      outcome = network_->run(block, workspace, scores.subspan(begin * shape_.heads, size * shape_.heads));
    }
    switch (outcome) {
      case MmoeNetwork::Outcome::done:
        break;
      case MmoeNetwork::Outcome::bad_input:
        return bad_input(block, shape_.inputs, first_row + begin);
      case MmoeNetwork::Outcome::bad_score:
        return bad_score(first_row + begin, size);
    }
  }
  return {};
}

Status MmoeScorer::score(std::span<const float> rows, std::span<float> scores) const {
  const std::size_t count = rows.size() / shape_.inputs;
  WINNOW_CHECK(rows.size() == count * shape_.inputs && scores.size() == count * shape_.heads);
  const auto workspace = workspaces_->take();
  for (std::size_t begin = 0; begin < count;) {
    const std::size_t end = end_of_run(rows, begin);
    const auto run = rows.subspan(begin * shape_.inputs, (end - begin) * shape_.inputs);
    WINNOW_RETURN_IF_ERROR(score_run(run, begin, *workspace,
                                     scores.subspan(begin * shape_.heads, (end - begin) * shape_.heads)));
    begin = end;
  }
  return {};
}

}  // namespace winnow

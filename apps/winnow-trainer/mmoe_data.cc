#include "mmoe_data.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace winnow {
namespace {

using torch::Tensor;

// Of a column: below this share of its mean a deviation is rounding.
constexpr double kConstant = 1e-6;
constexpr float kLowest = -1e30f;    // the logit of rows that a softmax leaves out
constexpr double kLeastRate = 1e-4;  // of positives, where a head begins

// What a column's known values are like (Welford).
struct Column {
  double count = 0, mean = 0, squares = 0;
  float low = std::numeric_limits<float>::infinity(), high = -std::numeric_limits<float>::infinity();
  bool two_valued = true;  // none lies between low and high

  void add(float value) {
    const double from = value - mean;
    mean += from / ++count;
    squares += from * (value - mean);
    const bool beyond = value < low || value > high;
    // A third value moves an end while both are taken, or lies between them.
    two_valued = two_valued && (beyond ? low >= high : value == low || value == high);
    low = std::min(low, value);
    high = std::max(high, value);
  }

  // Deviations, but for two values (a category among others) their distance is 2, that of a coin's sides: if
  // rare, deviations would make one of them huge.
  double scale() const {
    const double deviation = count > 0 ? std::sqrt(squares / count) : 0;
    if (!(deviation > kConstant * std::abs(mean))) return 0;
    return two_valued ? 2 / (double{high} - low) : 1 / deviation;
  }
};

Standardisation standardisation_of(const RankingSet& set) {
  std::vector<Column> columns(set.features.size());
  for (std::size_t r = 0; r < set.rows(); ++r) {
    const auto row = set.row(r);
    for (std::size_t i = 0; i < row.size(); ++i) {
      if (!std::isnan(row[i])) columns[i].add(row[i]);
    }
  }
  Standardisation out;
  for (const Column& column : columns) {
    out.mean.push_back(column.mean);
    out.scale.push_back(column.scale());
  }
  return out;
}

Tensor standardised(const RankingSet& set, const Standardisation& transform) {
  const std::size_t inputs = set.features.size();
  Tensor out = torch::empty({static_cast<std::int64_t>(set.rows()), static_cast<std::int64_t>(inputs)});
  float* to = out.data_ptr<float>();
  for (const float value : set.values) {
    const auto i = static_cast<std::size_t>(to - out.data_ptr<float>()) % inputs;
    *to++ = std::isnan(value) ? 0.0f : static_cast<float>((value - transform.mean[i]) * transform.scale[i]);
  }
  return out;
}

// Labels, weights and base rates, head by head.
void read_labels(const RankingSet& set, const MmoeTrainOptions& options, MmoeData& out) {
  const auto rows = static_cast<std::int64_t>(set.rows());
  const auto heads = static_cast<std::int64_t>(set.heads.size());
  out.labels = torch::zeros({heads, rows});
  out.weights = torch::zeros({heads, rows});
  for (std::int64_t t = 0; t < heads; ++t) {
    const std::span<float> labels(out.labels[t].data_ptr<float>(), set.rows());
    const std::span<float> weights(out.weights[t].data_ptr<float>(), set.rows());
    double weight = 0;
    double positives = 0;
    for (std::size_t r = 0; r < set.rows(); ++r) {
      const float label = set.labels_of(r)[static_cast<std::size_t>(t)];
      if (std::isnan(label)) continue;
      labels[r] = label;
      weights[r] = set.weights[r];
      weight += weights[r];
      positives += double{weights[r]} * label;
    }
    const double of_head =
        options.head_weights.empty() ? 1 : options.head_weights[static_cast<std::size_t>(t)];
    const double scale = weight > 0 ? of_head * static_cast<double>(rows) / weight : 0;
    for (float& value : weights) value *= static_cast<float>(scale);
    out.base_rates.push_back(weight > 0 ? std::clamp(positives / weight, kLeastRate, 1 - kLeastRate) : 0.5);
  }
}

// A group's labels, by weight, as a distribution. Multiplied so that over the set they sum to as much as the
// labels themselves: the pull of a positive is then that of its cross-entropy.
Tensor listwise_targets(const MmoeData& data, std::int64_t head) {
  const Tensor mass = (data.labels[head] * data.weights[head]).contiguous();
  Tensor out = torch::zeros_like(mass);
  const float* from = mass.data_ptr<float>();
  float* to = out.data_ptr<float>();
  double all = 0;
  double groups = 0;
  for (std::size_t g = 0; g < data.group_count(); ++g) {
    double sum = 0;
    for (std::size_t r = data.groups[g]; r < data.groups[g + 1]; ++r) sum += from[r];
    if (sum <= 0) continue;
    for (std::size_t r = data.groups[g]; r < data.groups[g + 1]; ++r)
      to[r] = static_cast<float>(from[r] / sum);
    all += sum;
    ++groups;
  }
  return groups > 0 ? out * (all / groups) : out;
}

// -sum of targets x log of the softmax within each segment.
Tensor listwise_loss(const Tensor& scores, const Tensor& targets, const RowBatch& batch) {
  const Tensor segments = torch::tensor(batch.segments);
  Tensor highest = torch::full({batch.segment_count}, kLowest);
  {
    const torch::NoGradGuard no_grad;
    const Tensor values = scores.detach().contiguous();
    for (std::size_t k = 0; k < batch.segments.size(); ++k) {
      float& most = highest.data_ptr<float>()[batch.segments[k]];
      most = std::max(most, values.data_ptr<float>()[k]);
    }
  }
  const Tensor above = scores - highest.index_select(0, segments);
  const Tensor sums = torch::zeros({batch.segment_count}).index_add(0, segments, above.exp());
  return -(targets * (above - sums.log().index_select(0, segments))).sum();
}

}  // namespace

MmoeData mmoe_data(const RankingSet& set, const MmoeTrainOptions& options) {
  MmoeData out;
  out.transform = standardisation_of(set);
  out.features = standardised(set, out.transform);
  out.groups = set.groups;
  read_labels(set, options, out);
  if (options.listwise_share > 0) out.targets = listwise_targets(out, options.listwise_head);
  out.shape = {.inputs = static_cast<std::uint32_t>(set.features.size()),
               .experts = options.experts,
               .expert_hidden = options.expert_hidden,
               .expert_outputs = options.expert_outputs,
               .heads = static_cast<std::uint32_t>(set.heads.size()),
               .head_hidden = options.head_hidden};
  return out;
}

std::vector<float> sample_rows(const RankingSet& set, const Standardisation& transform, std::size_t count,
                               Random& random) {
  std::vector<float> out;
  for (std::size_t k = 0; k < count; ++k) {
    const auto row = set.row(random.below(static_cast<std::uint32_t>(set.rows())));
    for (std::size_t i = 0; i < row.size(); ++i)
      out.push_back(std::isnan(row[i]) ? static_cast<float>(transform.mean[i]) : row[i]);
  }
  return out;
}

std::vector<RowBatch> batches_of_groups(const MmoeData& data, std::span<const std::uint32_t> groups,
                                        std::size_t batch_rows) {
  std::vector<RowBatch> out;
  for (const std::uint32_t group : groups) {
    const std::uint64_t begin = data.groups[group];
    const std::uint64_t end = data.groups[group + 1];
    if (begin == end) continue;
    if (out.empty() || out.back().rows.size() + (end - begin) > batch_rows) out.emplace_back();
    RowBatch& batch = out.back();
    for (std::uint64_t row = begin; row < end; ++row) {
      batch.rows.push_back(static_cast<std::int64_t>(row));
      batch.segments.push_back(batch.segment_count);
    }
    ++batch.segment_count;
  }
  return out;
}

std::vector<RowBatch> batches_of_rows(const MmoeData& data, std::span<const std::uint32_t> groups,
                                      std::size_t batch_rows, Random& random) {
  std::vector<std::int64_t> rows;
  for (const std::uint32_t group : groups) {
    for (std::uint64_t row = data.groups[group]; row < data.groups[group + 1]; ++row)
      rows.push_back(static_cast<std::int64_t>(row));
  }
  random.shuffle(rows);
  // Of even sizes: a last batch of few rows would move the model as much as a whole one.
  const std::size_t count = (rows.size() + batch_rows - 1) / batch_rows;
  std::vector<RowBatch> out(count);
  for (std::size_t k = 0; k < rows.size(); ++k) out[k * count / rows.size()].rows.push_back(rows[k]);
  return out;
}

Tensor loss_sum(const MmoeData& data, const MmoeTrainOptions& options, const RowBatch& batch,
                const MmoeTensors& tensors, const Dropout& dropout) {
  const Tensor rows = torch::tensor(batch.rows);
  const Tensor scores = logits(tensors, data.shape, data.features.index_select(0, rows), dropout);
  Tensor loss = torch::binary_cross_entropy_with_logits(scores, data.labels.index_select(1, rows),
                                                        data.weights.index_select(1, rows), /*pos_weight=*/{},
                                                        at::Reduction::Sum);
  if (options.listwise_share > 0) {
    const std::int64_t head = options.listwise_head;
    const Tensor unknown = data.weights[head].index_select(0, rows) == 0;
    loss = loss * (1 - options.listwise_share) + listwise_loss(scores[head].masked_fill(unknown, kLowest),
                                                               data.targets.index_select(0, rows), batch) *
                                                     options.listwise_share;
  }
  return loss;
}

}  // namespace winnow

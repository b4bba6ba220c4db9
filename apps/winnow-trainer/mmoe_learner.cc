#include "mmoe_learner.h"

#include <algorithm>
#include <utility>

namespace winnow {
namespace {

using torch::Tensor;

constexpr std::size_t kEpochSteps = 50;  // at least
constexpr std::int64_t kWarmUpSteps = 100;
constexpr std::size_t kJudgedRows = 8192;  // at once

std::unique_ptr<torch::optim::AdamW> optimizer_of(const MmoeTensors& tensors,
                                                  const MmoeTrainOptions& options) {
  std::vector<torch::optim::OptimizerParamGroup> groups;
  for (const auto& [parameters, decay] :
       {std::pair(tensors.matrices(), options.weight_decay), std::pair(tensors.biases(), 0.0)}) {
    groups.emplace_back(parameters, std::make_unique<torch::optim::AdamWOptions>(
                                        torch::optim::AdamWOptions().weight_decay(decay)));
  }
  return std::make_unique<torch::optim::AdamW>(groups);
}

MmoeTensors seeded_tensors(const MmoeData& data, const MmoeTrainOptions& options) {
  torch::manual_seed(options.seed);
  return initial_tensors(data.shape, data.base_rates);
}

}  // namespace

MmoeLearner::MmoeLearner(const MmoeData& data, const MmoeTrainOptions& options,
                         std::vector<std::uint32_t> groups)
    : data_(data),
      options_(options),
      groups_(std::move(groups)),
      tensors_(seeded_tensors(data, options)),
      averaged_(tensors_.clone()),
      optimizer_(optimizer_of(tensors_, options)) {}

std::vector<RowBatch> MmoeLearner::batches(Random& random) const {
  if (options_.listwise_share <= 0) return batches_of_rows(data_, groups_, options_.batch_rows, random);
  std::vector<std::uint32_t> order = groups_;
  random.shuffle(order);
  return batches_of_groups(data_, order, options_.batch_rows);
}

void MmoeLearner::epoch(std::uint32_t number, const StepReport& each) {
  Random random(options_.seed * 1'000'003 + number);
  torch::manual_seed(options_.seed * 1'000'003 + number);
  std::vector<RowBatch> steps;
  do {
    std::vector<RowBatch> pass = batches(random);
    std::ranges::move(pass, std::back_inserter(steps));
  } while (!steps.empty() && steps.size() < kEpochSteps);
  double loss = 0;
  std::size_t rows = 0;
  for (std::size_t k = 0; k < steps.size(); ++k) {
    loss += step(steps[k]);
    rows += steps[k].rows.size();
    average(steps.size());
    if (!each(static_cast<double>(k + 1) / static_cast<double>(steps.size()))) break;
  }
  loss_ = loss / static_cast<double>(std::max<std::size_t>(rows, 1));
}

double MmoeLearner::step(const RowBatch& batch) {
  ++steps_;
  const double warmth = std::min(1.0, static_cast<double>(steps_) / static_cast<double>(kWarmUpSteps));
  for (auto& group : optimizer_->param_groups()) group.options().set_lr(options_.learning_rate * warmth);
  optimizer_->zero_grad();
  const Tensor sum = loss_sum(data_, options_, batch, tensors_, options_.dropout);
  Tensor loss = sum / static_cast<double>(batch.rows.size());
  if (options_.l2 > 0) {
    for (const Tensor& matrix : tensors_.matrices()) loss = loss + matrix.square().sum() * (options_.l2 / 2);
  }
  loss.backward();
  optimizer_->step();
  return sum.item<double>();
}

void MmoeLearner::average(std::size_t epoch_steps) {
  const torch::NoGradGuard no_grad;
  const double share =
      1 / static_cast<double>(std::min<std::int64_t>(steps_, static_cast<std::int64_t>(epoch_steps)));
  std::vector<Tensor> to = averaged_.all();
  const std::vector<Tensor> from = tensors_.all();
  for (std::size_t k = 0; k < to.size(); ++k) to[k].lerp_(from[k], share);
}

void MmoeLearner::save(torch::serialize::OutputArchive& archive) const {
  torch::serialize::OutputArchive now, mean, optimizer;
  tensors_.save(now);
  averaged_.save(mean);
  optimizer_->save(optimizer);
  archive.write("now", now);
  archive.write("mean", mean);
  archive.write("optimizer", optimizer);
  archive.write("steps", torch::tensor(steps_));
}

void MmoeLearner::load(torch::serialize::InputArchive& archive) {
  torch::serialize::InputArchive now, mean, optimizer;
  Tensor steps;
  archive.read("now", now);
  archive.read("mean", mean);
  archive.read("optimizer", optimizer);
  archive.read("steps", steps);
  tensors_.load(now);
  averaged_.load(mean);
  optimizer_->load(optimizer);
  steps_ = steps.item<std::int64_t>();
}

double loss_of_groups(const MmoeData& data, const MmoeTrainOptions& options,
                      std::span<const std::uint32_t> groups, const MmoeTensors& tensors) {
  const torch::NoGradGuard no_grad;
  double sum = 0;
  for (const RowBatch& batch : batches_of_groups(data, groups, kJudgedRows))
    sum += loss_sum(data, options, batch, tensors, 0).item<double>();
  return sum;
}

}  // namespace winnow

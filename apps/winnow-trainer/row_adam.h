// A large table of embeddings with Adam's moments, updated row by row: a step costs what it touches.
//
// Adam with decoupled weight decay (Loshchilov and Hutter 2019); a row that a step does not touch keeps its
// moments and is not decayed, which is Adam exactly where every step touches all rows.
#pragma once

#include <torch/serialize.h>
#include <torch/types.h>

#include <algorithm>
#include <cmath>

namespace winnow {

class RowAdam final {
 public:
  RowAdam(const torch::Tensor& table, double weight_decay)
      : table_(table),
        mean_(torch::zeros_like(table)),
        square_(torch::zeros_like(table)),
        weight_decay_(weight_decay) {}

  const torch::Tensor& table() const { return table_; }
  void set_table(const torch::Tensor& table) { table_.copy_(table); }

  // rows: int64, each at most once; gradient: rows x dims.
  void update(const torch::Tensor& rows, const torch::Tensor& gradient, double learning_rate) {
    ++steps_;
    if (rows.size(0) == table_.size(0)) return step(table_, mean_, square_, gradient, learning_rate);
    torch::Tensor values = table_.index_select(0, rows);
    torch::Tensor mean = mean_.index_select(0, rows);
    torch::Tensor square = square_.index_select(0, rows);
    step(values, mean, square, gradient, learning_rate);
    table_.index_copy_(0, rows, values);
    mean_.index_copy_(0, rows, mean);
    square_.index_copy_(0, rows, square);
  }

  void save(torch::serialize::OutputArchive& archive) const {
    archive.write("table", table_);
    archive.write("mean", mean_);
    archive.write("square", square_);
    archive.write("steps", torch::tensor(steps_));
  }
  void load(torch::serialize::InputArchive& archive) {
    torch::Tensor steps;
    archive.read("table", table_);
    archive.read("mean", mean_);
    archive.read("square", square_);
    archive.read("steps", steps);
    steps_ = steps.item<std::int64_t>();
  }

 private:
  // All rows are there when their number is that of the table: `rows` is then 0, 1, 2, ...
  void step(const torch::Tensor& values, const torch::Tensor& mean, const torch::Tensor& square,
            const torch::Tensor& gradient, double learning_rate) const {
    // Some rows after the other, so that the many passes over each find it in the cache.
    constexpr std::int64_t kNumbersAtOnce = 64 << 10;
    const std::int64_t rows = std::max<std::int64_t>(1, kNumbersAtOnce / values.size(1));
    for (std::int64_t begin = 0; begin < values.size(0); begin += rows) {
      const std::int64_t end = std::min(begin + rows, values.size(0));
      const auto part = [&](const torch::Tensor& tensor) { return tensor.slice(0, begin, end); };
      step_rows(part(values), part(mean), part(square), part(gradient), learning_rate);
    }
  }

  void step_rows(torch::Tensor values, torch::Tensor mean, torch::Tensor square,
                 const torch::Tensor& gradient, double learning_rate) const {
    constexpr double kMeanKept = 0.9;
    constexpr double kSquareKept = 0.999;
    const auto n = static_cast<double>(steps_);
    mean.mul_(kMeanKept).add_(gradient, 1 - kMeanKept);
    square.mul_(kSquareKept).addcmul_(gradient, gradient, 1 - kSquareKept);
    if (weight_decay_ > 0) values.mul_(1 - learning_rate * weight_decay_);
    const torch::Tensor spread = (square / (1 - std::pow(kSquareKept, n))).sqrt_().add_(1e-8);
    values.addcdiv_(mean, spread, -learning_rate / (1 - std::pow(kMeanKept, n)));
  }

  torch::Tensor table_, mean_, square_;
  double weight_decay_;
  std::int64_t steps_ = 0;
};

}  // namespace winnow

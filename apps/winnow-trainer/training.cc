#include "training.h"

#include <torch/torch.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <limits>
#include <numeric>
#include <utility>

#include "base/clock.h"
#include "checkpoint.h"
#include "learner.h"
#include "probes.h"
#include "threads.h"
#include "validation.h"

namespace winnow {
namespace {

constexpr double kReportEvery_s = 0.25;
constexpr std::size_t kProbes = 8;
constexpr double kRateFall = 0.2;
// Of time and work when all is learned again: the second run has more to learn from, but no need to wait for
// its end.
constexpr double kFirstShare = 0.5;

TwoTowerShape shape_of(const TrainingSequences& sequences, const TrainerOptions& options) {
  TwoTowerShape shape;
  shape.items = sequences.items;
  shape.dims = options.dims;
  shape.layers = options.layers;
  shape.heads = options.heads;
  shape.inner = options.inner == 0 ? options.dims : options.inner;
  shape.length = options.length;
  shape.item_buckets = sequences.item_features.buckets;
  shape.profile_buckets = sequences.profiles.buckets;
  // Vectors start short, for a flat softmax; as tokens they are wanted about as long as what layers add.
  shape.token_scale = std::sqrt(static_cast<float>(options.dims));
  return shape;
}

Result<torch::Device> device_of(const TrainerOptions& options) {
  const bool cuda = torch::cuda::is_available();
  if (options.device == Device::cuda && !cuda) {
    return Error{ErrorCode::unavailable,
                 "--device is cuda, but this libtorch finds no CUDA device; give --device cpu", "--device"};
  }
  return torch::Device(cuda && options.device != Device::cpu ? torch::kCUDA : torch::kCPU);
}

bool holds_something_out(const TrainingSequences& sequences) {
  return std::ranges::any_of(sequences.held_out, [](std::uint32_t actions) { return actions > 0; });
}

TrainingSequences with_nothing_held_out(TrainingSequences sequences) {
  std::ranges::fill(sequences.held_out, 0);
  return sequences;
}

// When a run must end, and which share of all work it is.
struct RunBounds {
  double ends_s = std::numeric_limits<double>::infinity();  // by steady_seconds()
  double share_from = 0;
  double share_to = 1;
};

class Run final {
 public:
  Run(const TrainingSequences& sequences, const TrainerOptions& options, torch::Device device,
      Workers& workers, const RunBounds& bounds, const TrainingReport& report)
      : sequences_(sequences),
        options_(options),
        device_(device),
        workers_(workers),
        bounds_(bounds),
        report_(report),
        learner_(sequences, options, shape_of(sequences, options), device, workers),
        validation_(validation_users(sequences, options.validation_users)),
        best_(learner_.snapshot()) {}

  Status go_on_from_checkpoint() {
    if (!options_.resume || !std::filesystem::exists(options_.checkpoint)) return {};
    WINNOW_TRY(standing_,
               load_checkpoint(options_.checkpoint, fingerprint(sequences_, options_), learner_, best_));
    return {};
  }

  void learn() {
    while (standing_.epoch < options_.epochs && !out_of_time()) {
      if (has_stalled()) {
        if (standing_.schedule.size() > options_.rate_falls) break;
        standing_.schedule.push_back(0);
        standing_.fell_after_epoch = standing_.epoch;
        learner_.restore(best_);
      }
      epoch(standing_.schedule.size() - 1, options_.epochs);
      validate();
      if (workers_.leads() && !options_.checkpoint.empty()) {
        save_checkpoint(options_.checkpoint, fingerprint(sequences_, options_), standing_, learner_, best_);
      }
    }
    learner_.restore(best_);
  }

  // Learns as long as another run did until its best epoch. False when time ran out before.
  bool follow(const Schedule& schedule) {
    const std::uint32_t epochs = std::accumulate(schedule.begin(), schedule.end(), 0u);
    for (std::size_t falls = 0; falls < schedule.size(); ++falls) {
      for (std::uint32_t k = 0; k < schedule[falls]; ++k) {
        epoch(falls, epochs);
        if (cut_short_) return false;
        report(true);
      }
    }
    return true;
  }

  const Schedule& schedule() const { return standing_.schedule; }
  bool cut_short() const { return cut_short_; }  // by the budget

  void report_budget_ended() {
    if (!workers_.leads() || !report_) return;
    TrainingState state = this->state();
    state.share = 1;
    state.budget_ended = true;
    report_(state);
  }

  TwoTowerWeights weights() {
    const torch::NoGradGuard no_grad;
    learner_.towers()->eval();
    TwoTowerWeights out = learner_.towers()->weights();
    const torch::Tensor vectors = learner_.item_vectors();
    out.item_vectors = floats_of(vectors);
    const TrainingSequences invented = invented_users(sequences_, kProbes, options_.length, options_.seed);
    for (std::uint32_t user = 0; user < invented.users(); ++user) {
      const std::vector<std::uint32_t> users = {user};
      const std::vector<std::span<const TowerAction>> histories = {invented.actions_of(user)};
      const Batch batch = query_batch(histories, users, options_.length);
      const BagTensors profile = bags_of(invented.profiles, batch.users, device_);
      const auto bag = invented.profiles[user];
      out.probes.push_back({{histories[0].begin(), histories[0].end()},
                            {bag.begin(), bag.end()},
                            floats_of(learner_.towers()->user_vectors(batch, vectors, profile))});
    }
    return out;
  }

 private:
  bool has_stalled() const {
    const std::uint32_t since = std::max(standing_.best_epoch, standing_.fell_after_epoch);
    return !validation_.empty() && standing_.epoch > 0 && standing_.epoch >= since + options_.patience;
  }

  // Worker 0's clock decides for all.
  bool out_of_time() {
    if (std::isinf(bounds_.ends_s)) return false;
    torch::Tensor over = torch::tensor(steady_seconds() > bounds_.ends_s ? 1.0f : 0.0f);
    workers_.share(over);
    cut_short_ = over.item<float>() > 0;
    return cut_short_;
  }

  // falls: of the learning rate, so far; epochs: the most there will be.
  void epoch(std::size_t falls, std::uint32_t epochs) {
    // Each epoch has its own seeds, so that one that follows a checkpoint is the same as without it.
    const std::uint32_t number = standing_.epoch;
    Random random(options_.seed * 1'000'003 + number);
    torch::manual_seed(options_.seed * 1'000'003 + number * 1009ull + workers_.rank());
    learner_.begin_epoch();
    learner_.set_rate_share(std::pow(kRateFall, falls));
    std::vector<std::vector<std::uint32_t>> steps;
    do {
      const auto pass = shuffled_steps(sequences_, options_.batch_users, options_.length, random);
      steps.insert(steps.end(), pass.begin(), pass.end());
    } while (!steps.empty() && steps.size() < options_.epoch_steps);
    double loss = 0;
    std::size_t positions = 0;
    for (std::size_t k = 0; k < steps.size(); ++k) {
      const Learner::StepLoss step = learner_.step(steps[k], random);
      loss += step.sum;
      positions += step.positions;
      loss_ = loss / static_cast<double>(std::max<std::size_t>(positions, 1));
      share_ = (number + static_cast<double>(k + 1) / static_cast<double>(steps.size())) / epochs;
      report(false);
      if (k % 16 == 0 && out_of_time()) break;
    }
    ++standing_.epoch;
  }

  void validate() {
    if (!validation_.empty()) {
      std::vector<std::uint32_t> own;
      for (std::size_t k = workers_.rank(); k < validation_.size(); k += workers_.count()) {
        own.push_back(validation_[k]);
      }
      std::vector<torch::Tensor> sum = {torch::tensor(
          sum_of_ndcg(sequences_, own, learner_.item_vectors(), learner_.towers()), torch::kDouble)};
      workers_.sum(sum);
      standing_.ndcg = sum[0].item<double>() / static_cast<double>(validation_.size());
    }
    if (validation_.empty() || standing_.ndcg > standing_.best_ndcg) {
      standing_.best_ndcg = standing_.ndcg;
      standing_.best_epoch = standing_.epoch;
      standing_.schedule.back() = standing_.epoch - standing_.fell_after_epoch;
      best_ = learner_.snapshot();
    }
    report(true);
  }

  TrainingState state() const {
    TrainingState state;
    state.share = bounds_.share_from + share_ * (bounds_.share_to - bounds_.share_from);
    state.epoch = standing_.epoch;
    state.loss = loss_;
    state.ndcg = standing_.ndcg;
    state.best_ndcg = standing_.best_ndcg;
    state.best_epoch = standing_.best_epoch;
    return state;
  }

  void report(bool epoch_ended) {
    if (!workers_.leads() || !report_) return;
    const double now_s = steady_seconds();
    if (!epoch_ended && now_s < reported_s_ + kReportEvery_s) return;
    reported_s_ = now_s;
    TrainingState state = this->state();
    state.epoch_ended = epoch_ended;
    report_(state);
  }

  const TrainingSequences& sequences_;
  const TrainerOptions& options_;
  torch::Device device_;
  Workers& workers_;
  RunBounds bounds_;
  const TrainingReport& report_;
  Learner learner_;
  std::vector<std::uint32_t> validation_;
  Snapshot best_;
  Standing standing_;
  double loss_ = 0;   // mean over the epoch's positions so far
  double share_ = 0;  // of this run's work
  double reported_s_ = 0;
  bool cut_short_ = false;
};

}  // namespace

Result<TwoTowerWeights> train(const TrainingSequences& sequences, const TrainerOptions& options,
                              Workers& workers, const TrainingReport& report) {
  WINNOW_RETURN_IF_ERROR(shape_of(sequences, options).check());
  if (sequences.actions.empty()) {
    return Error{ErrorCode::invalid, "the training file holds no actions; give it some users", "--input"};
  }
  WINNOW_TRY(const torch::Device device, device_of(options));
  use_threads(static_cast<int>(options.threads));
  const double now_s = steady_seconds();
  const double budget_s = options.budget_s > 0 ? options.budget_s : std::numeric_limits<double>::infinity();
  const bool refits = options.refit && holds_something_out(sequences);
  const double first_share = refits ? kFirstShare : 1;
  torch::manual_seed(options.seed);
  Run run(sequences, options, device, workers, {now_s + first_share * budget_s, 0, first_share}, report);
  WINNOW_RETURN_IF_ERROR(run.go_on_from_checkpoint());
  run.learn();
  TwoTowerWeights weights = run.weights();
  bool cut_short = run.cut_short();
  if (refits) {
    const TrainingSequences all = with_nothing_held_out(sequences);
    torch::manual_seed(options.seed);
    Run again(all, options, device, workers, {now_s + budget_s, kFirstShare, 1}, report);
    if (again.follow(run.schedule())) weights = again.weights();
    cut_short = cut_short || again.cut_short();
  }
  if (cut_short) run.report_budget_ended();
  WINNOW_RETURN_IF_ERROR(weights.check());
  return weights;
}

}  // namespace winnow

#include "training.h"

#include <torch/torch.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <utility>

#include "base/bytes.h"
#include "base/clock.h"
#include "base/hash.h"
#include "learner.h"
#include "threads.h"
#include "validation.h"

namespace winnow {
namespace {

constexpr double kReportEvery_s = 0.25;
constexpr std::size_t kProbes = 8;
constexpr double kRateFall = 0.2;

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

// What a checkpoint must agree on with the run that goes on from it.
std::uint64_t fingerprint(const TrainingSequences& sequences, const TrainerOptions& options) {
  ByteWriter out;
  for (const std::uint32_t value :
       {options.dims, options.layers, options.heads, options.inner, options.length, options.batch_users,
        static_cast<std::uint32_t>(options.softmax), options.negatives, options.workers}) {
    out.fixed(value);
  }
  for (const double value : {options.learning_rate, options.weight_decay, options.dropout, options.id_dropout,
                             options.hard_negatives}) {
    out.fixed(value);
  }
  out.fixed(options.seed);
  return hash64(sequences.encode(), hash64(out.bytes()));
}

class Run final {
 public:
  Run(const TrainingSequences& sequences, const TrainerOptions& options, torch::Device device,
      Workers& workers, const TrainingReport& report)
      : sequences_(sequences),
        options_(options),
        device_(device),
        workers_(workers),
        report_(report),
        learner_(sequences, options, shape_of(sequences, options), device, workers),
        validation_(validation_users(sequences, options.validation_users)),
        best_(learner_.snapshot()) {}

  Status go_on_from_checkpoint() {
    if (!options_.resume || !std::filesystem::exists(options_.checkpoint)) return {};
    torch::serialize::InputArchive archive;
    torch::Tensor identity, counters, scores;
    try {
      archive.load_from(options_.checkpoint.string());
      archive.read("identity", identity);
    } catch (const c10::Error&) {
      return Error{ErrorCode::corrupt,
                   options_.checkpoint.string() + " is no checkpoint, or damaged; remove it to start anew",
                   "--checkpoint"};
    }
    if (static_cast<std::uint64_t>(identity.item<std::int64_t>()) != fingerprint(sequences_, options_)) {
      return Error{
          ErrorCode::conflict,
          options_.checkpoint.string() +
              " is of other data or options; give those it was made with, or remove it to start anew",
          "--checkpoint"};
    }
    archive.read("counters", counters);
    archive.read("scores", scores);
    state_.epoch = static_cast<std::uint32_t>(counters[0].item<std::int64_t>());
    state_.best_epoch = static_cast<std::uint32_t>(counters[1].item<std::int64_t>());
    falls_ = static_cast<std::uint32_t>(counters[2].item<std::int64_t>());
    fell_after_epoch_ = static_cast<std::uint32_t>(counters[3].item<std::int64_t>());
    state_.ndcg = scores[0].item<double>();
    state_.best_ndcg = scores[1].item<double>();
    torch::serialize::InputArchive learner, best;
    archive.read("learner", learner);
    archive.read("best", best);
    learner_.load(learner);
    for (std::size_t k = 0; k < best_.towers.size(); ++k) best.read(std::to_string(k), best_.towers[k]);
    best.read("ids", best_.ids);
    return {};
  }

  void learn() {
    while (state_.epoch < options_.epochs && !out_of_time()) {
      if (has_stalled()) {
        if (falls_ == options_.rate_falls) break;
        ++falls_;
        fell_after_epoch_ = state_.epoch;
        learner_.restore(best_);
      }
      learner_.set_rate_share(std::pow(kRateFall, falls_));
      epoch();
      validate();
      if (workers_.leads()) save_checkpoint();
    }
    learner_.restore(best_);
  }

  TwoTowerWeights weights() {
    const torch::NoGradGuard no_grad;
    learner_.towers()->eval();
    TwoTowerWeights out = learner_.towers()->weights();
    const torch::Tensor vectors = learner_.item_vectors();
    out.item_vectors = floats_of(vectors);
    for (const std::uint32_t user : probe_users()) {
      const std::vector<std::uint32_t> users = {user};
      const std::vector<std::span<const TowerAction>> histories = {sequences_.actions_of(user)};
      const Batch batch = query_batch(histories, users, options_.length);
      const BagTensors profile = bags_of(sequences_.profiles, batch.users, device_);
      const auto bag = sequences_.profiles[user];
      out.probes.push_back({{histories[0].begin(), histories[0].end()},
                            {bag.begin(), bag.end()},
                            floats_of(learner_.towers()->user_vectors(batch, vectors, profile))});
    }
    return out;
  }

 private:
  bool has_stalled() const {
    const std::uint32_t since = std::max(state_.best_epoch, fell_after_epoch_);
    return !validation_.empty() && state_.epoch > 0 && state_.epoch >= since + options_.patience;
  }
  // Worker 0's clock decides for all.
  bool out_of_time() {
    if (options_.budget_s == 0) return false;
    torch::Tensor over = torch::tensor(steady_seconds() - started_s_ > options_.budget_s ? 1.0f : 0.0f);
    workers_.share(over);
    return over.item<float>() > 0;
  }

  void epoch() {
    // Each epoch has its own seeds, so that one that follows a checkpoint is the same as without it.
    Random random(options_.seed * 1'000'003 + state_.epoch);
    torch::manual_seed(options_.seed * 1'000'003 + state_.epoch * 1009ull + workers_.rank());
    learner_.begin_epoch();
    const auto steps = shuffled_steps(sequences_, options_.batch_users, random);
    double loss = 0;
    std::size_t positions = 0;
    state_.epoch_ended = false;
    for (std::size_t k = 0; k < steps.size(); ++k) {
      const Learner::StepLoss step = learner_.step(steps[k], random);
      loss += step.sum;
      positions += step.positions;
      state_.loss = loss / static_cast<double>(std::max<std::size_t>(positions, 1));
      const double within = static_cast<double>(k + 1) / static_cast<double>(steps.size());
      state_.share = (state_.epoch + within) / options_.epochs;
      report(false);
      if (k % 16 == 0 && out_of_time()) break;
    }
    ++state_.epoch;
  }

  void validate() {
    if (validation_.empty()) {
      best_ = learner_.snapshot();
      state_.best_epoch = state_.epoch;
      return report(true);
    }
    std::vector<std::uint32_t> own;
    for (std::size_t k = workers_.rank(); k < validation_.size(); k += workers_.count()) {
      own.push_back(validation_[k]);
    }
    std::vector<torch::Tensor> sum = {torch::tensor(
        sum_of_ndcg(sequences_, own, learner_.item_vectors(), learner_.towers()), torch::kDouble)};
    workers_.sum(sum);
    state_.ndcg = sum[0].item<double>() / static_cast<double>(validation_.size());
    if (state_.ndcg > state_.best_ndcg) {
      state_.best_ndcg = state_.ndcg;
      state_.best_epoch = state_.epoch;
      best_ = learner_.snapshot();
    }
    report(true);
  }

  void report(bool epoch_ended) {
    if (!workers_.leads() || !report_) return;
    const double now_s = steady_seconds();
    if (!epoch_ended && now_s < reported_s_ + kReportEvery_s) return;
    reported_s_ = now_s;
    state_.epoch_ended = epoch_ended;
    report_(state_);
  }

  void save_checkpoint() {
    if (options_.checkpoint.empty()) return;
    torch::serialize::OutputArchive archive, learner, best;
    learner_.save(learner);
    for (std::size_t k = 0; k < best_.towers.size(); ++k) best.write(std::to_string(k), best_.towers[k]);
    best.write("ids", best_.ids);
    archive.write("identity", torch::tensor(static_cast<std::int64_t>(fingerprint(sequences_, options_))));
    archive.write("counters", torch::tensor({std::int64_t{state_.epoch}, std::int64_t{state_.best_epoch},
                                             std::int64_t{falls_}, std::int64_t{fell_after_epoch_}}));
    archive.write("scores", torch::tensor({state_.ndcg, state_.best_ndcg}, torch::kDouble));
    archive.write("learner", learner);
    archive.write("best", best);
    const std::filesystem::path unfinished = options_.checkpoint.string() + ".new";
    archive.save_to(unfinished.string());
    std::filesystem::rename(unfinished, options_.checkpoint);
  }

  // Users with a history, spread evenly.
  std::vector<std::uint32_t> probe_users() const {
    std::vector<std::uint32_t> able;
    for (std::uint32_t user = 0; user < sequences_.users(); ++user) {
      if (!sequences_.actions_of(user).empty()) able.push_back(user);
    }
    std::vector<std::uint32_t> out;
    const std::size_t count = std::min(kProbes, able.size());
    for (std::size_t k = 0; k < count; ++k) out.push_back(able[k * able.size() / count]);
    return out;
  }

  const TrainingSequences& sequences_;
  const TrainerOptions& options_;
  torch::Device device_;
  Workers& workers_;
  const TrainingReport& report_;
  Learner learner_;
  std::vector<std::uint32_t> validation_;
  Snapshot best_;
  TrainingState state_;
  std::uint32_t falls_ = 0;             // of the learning rate, so far
  std::uint32_t fell_after_epoch_ = 0;  // the last time
  double started_s_ = steady_seconds();
  double reported_s_ = 0;
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
  torch::manual_seed(options.seed);
  Run run(sequences, options, device, workers, report);
  WINNOW_RETURN_IF_ERROR(run.go_on_from_checkpoint());
  run.learn();
  TwoTowerWeights weights = run.weights();
  WINNOW_RETURN_IF_ERROR(weights.check());
  return weights;
}

}  // namespace winnow

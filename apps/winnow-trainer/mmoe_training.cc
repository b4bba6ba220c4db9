#include "mmoe_training.h"

#include <fmt/format.h>
#include <torch/torch.h>

#include <filesystem>
#include <limits>
#include <numeric>
#include <optional>

#include "base/bytes.h"
#include "base/clock.h"
#include "base/hash.h"
#include "checkpoint.h"
#include "epoch_search.h"
#include "mmoe_learner.h"
#include "models/ranking/ranking_set_format.h"
#include "threads.h"

namespace winnow {
namespace {

constexpr double kReportEvery_s = 0.25;
constexpr std::size_t kSampleRows = 256;

Status check(const RankingSet& set, const MmoeTrainOptions& options) {
  WINNOW_RETURN_IF_ERROR(set.check());
  const auto wrong = [](std::string what, std::string flag) {
    return Error{ErrorCode::invalid, std::move(what), std::move(flag)};
  };
  if (set.rows() == 0 || set.features.empty() || set.heads.empty())
    return wrong("the ranking set has no rows, features or heads to learn from", "--input");
  if (!options.head_weights.empty() && options.head_weights.size() != set.heads.size()) {
    return wrong(fmt::format("--head-weights has {} numbers for {} heads", options.head_weights.size(),
                             set.heads.size()),
                 "--head-weights");
  }
  if (options.listwise_share > 0 && options.listwise_head >= set.heads.size())
    return wrong(fmt::format("--listwise-head is {} of {} heads", options.listwise_head, set.heads.size()),
                 "--listwise-head");
  return {};
}

// What a checkpoint must agree on with the run that goes on from it.
std::uint64_t fingerprint(const RankingSet& set, const MmoeTrainOptions& o) {
  ByteWriter out;
  for (const std::uint32_t value : {o.experts, o.expert_hidden, o.expert_outputs, o.head_hidden, o.epochs,
                                    o.patience, o.batch_rows, o.listwise_head, o.folds}) {
    out.fixed(value);
  }
  for (const double value :
       {o.learning_rate, o.weight_decay, o.l2, o.dropout, o.listwise_share, o.held_out_share}) {
    out.fixed(value);
  }
  out.array<double>(o.head_weights);
  out.fixed(o.refit);
  out.fixed(o.seed);
  return hash64(encode_ranking_set(set), hash64(out.bytes()));
}

class Training final {
 public:
  Training(const MmoeData& data, const MmoeTrainerOptions& options, std::uint64_t identity,
           const MmoeTrainingReport& report)
      : data_(data), options_(options), identity_(identity), report_(report), started_s_(steady_seconds()) {
    const auto held_out = held_out_parts(data.group_count(), options);
    single_ = held_out.size() == 1;
    refits_ = !single_ || options.refit;
    const auto runs = static_cast<double>(held_out.size());
    search_share_ = refits_ ? runs / (runs + 1) : 1;
    if (!held_out.empty()) search_.emplace(data, options, held_out);
  }

  Status go_on_from_checkpoint() {
    if (!options_.resume || !std::filesystem::exists(options_.checkpoint)) return {};
    WINNOW_TRY(torch::serialize::InputArchive archive, load_archive(options_.checkpoint, identity_));
    torch::Tensor refitted;
    archive.read("refitted", refitted);
    refitted_ = static_cast<std::uint32_t>(refitted.item<std::int64_t>());
    torch::serialize::InputArchive search, refit;
    if (search_) {
      archive.read("search", search);
      search_->load(search);
    }
    if (refitted_ > 0) {
      archive.read("refit", refit);
      refit_.emplace(data_, options_, all_groups());
      refit_->load(refit);
    }
    return {};
  }

  MmoeTensors learn() {
    if (search_) search();
    if (!refits_) return search_->best();
    if (!refit_) refit_.emplace(data_, options_, all_groups());
    const bool whole = refit();
    // Of a single run a model is at hand that has learned for as long as it should, though not from all.
    return !whole && single_ ? search_->best() : refit_->averaged();
  }

  bool cut_short() const { return cut_short_; }  // by the budget
  void report_budget_ended() { tell({.share = 1, .budget_ended = true}); }

 private:
  std::vector<std::uint32_t> all_groups() const {
    std::vector<std::uint32_t> out(data_.group_count());
    std::iota(out.begin(), out.end(), 0u);
    return out;
  }

  // Reports, and says whether there is time to go on. share: of all work; budget_share: what of the budget
  // may be used by now.
  bool go_on(double share, double budget_share) {
    const double now_s = steady_seconds();
    if (report_ && now_s >= reported_s_ + kReportEvery_s) tell({.share = share});
    const bool over = options_.budget_s > 0 && now_s > started_s_ + budget_share * options_.budget_s;
    cut_short_ = cut_short_ || over;
    return !over;
  }

  void search() {
    bool in_time = true;
    while (refitted_ == 0 && !search_->done() && in_time) {
      search_->epoch([&](double share) {
        const double done = (search_->epochs() + share) / options_.epochs;
        return in_time = go_on(search_share_ * done, search_share_);
      });
      tell({.share = search_share_ * search_->epochs() / options_.epochs, .epoch_ended = true});
      save();
    }
  }

  // False when time ran out before the end.
  bool refit() {
    const std::uint32_t epochs = search_ ? search_->best_epoch() : options_.epochs;
    bool in_time = true;
    while (refitted_ < epochs && in_time) {
      refit_->epoch(refitted_, [&](double share) {
        const double done = (refitted_ + share) / epochs;
        return in_time = go_on(search_share_ + (1 - search_share_) * done, 1);
      });
      ++refitted_;
      tell({.share = search_share_ + (1 - search_share_) * refitted_ / epochs, .epoch_ended = true});
      save();
    }
    return in_time;
  }

  void tell(MmoeTrainingState state) {
    if (!report_) return;
    reported_s_ = steady_seconds();
    state.refit = refit_.has_value();
    if (search_) {
      state.held_out = search_->held_out_loss();
      state.best_epoch = search_->best_epoch();
      state.epoch = search_->epochs();
      state.loss = search_->loss();
    }
    if (refit_) {
      state.epoch = refitted_;
      state.loss = refit_->loss();
    }
    report_(state);
  }

  void save() {
    if (options_.checkpoint.empty()) return;
    torch::serialize::OutputArchive archive, search, refit;
    archive.write("refitted", torch::tensor(std::int64_t{refitted_}));
    if (search_) {
      search_->save(search);
      archive.write("search", search);
    }
    if (refit_) {
      refit_->save(refit);
      archive.write("refit", refit);
    }
    save_archive(options_.checkpoint, identity_, archive);
  }

  const MmoeData& data_;
  const MmoeTrainerOptions& options_;
  std::uint64_t identity_;
  const MmoeTrainingReport& report_;
  double started_s_;
  double reported_s_ = 0;
  bool single_ = false;  // one run holds out, for good or until the refit
  bool refits_ = true;
  bool cut_short_ = false;
  double search_share_ = 0;  // of all work
  std::optional<EpochSearch> search_;
  std::optional<MmoeLearner> refit_;
  std::uint32_t refitted_ = 0;  // epochs
};

}  // namespace

Result<MmoeModel> train(const RankingSet& set, const MmoeTrainerOptions& options,
                        const MmoeTrainingReport& report) {
  WINNOW_RETURN_IF_ERROR(check(set, options));
  use_threads(static_cast<int>(options.threads));
  const MmoeData data = mmoe_data(set, options);
  WINNOW_RETURN_IF_ERROR(data.shape.check());
  const std::uint64_t identity = options.checkpoint.empty() ? 0 : fingerprint(set, options);
  Training training(data, options, identity, report);
  WINNOW_RETURN_IF_ERROR(training.go_on_from_checkpoint());
  MmoeModel model = model_of(training.learn(), data.shape, data.transform);
  if (training.cut_short()) training.report_budget_ended();
  Random random(options.seed);
  model.sample = sample_rows(set, data.transform, kSampleRows, random);
  WINNOW_RETURN_IF_ERROR(model.check());
  return model;
}

}  // namespace winnow

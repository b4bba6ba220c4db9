// winnow-trainer: trains neural models with libtorch. The only program that links it; winnow runs this one
// and reads the model it leaves.

#include <fmt/format.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <exception>
#include <string_view>
#include <vector>

#include "base/file.h"
#include "base/temporary_folder.h"
#include "measure.h"
#include "mmoe_options.h"
#include "mmoe_training.h"
#include "models/ranking/ranking_set_format.h"
#include "models/trainer_process.h"
#include "options.h"
#include "training.h"
#include "workers.h"

namespace winnow {
namespace {

constexpr std::uint32_t kMeasuredRounds = 1000;
constexpr std::uint32_t kMeasuredItems = 10'000;

// "progress 0.3421 epoch 4, loss 7.21, ndcg@10 0.0471": for programs the share of all work, then words.
void print_progress(const TrainingState& state) {
  std::string words =
      fmt::format("epoch {}, loss {:.3f}", state.epoch + (state.epoch_ended ? 0 : 1), state.loss);
  if (state.ndcg >= 0) words += fmt::format(", ndcg@10 {:.4f}", state.ndcg);
  if (state.budget_ended) words = kBudgetEnded;
  fmt::print("progress {:.4f} {}\n", state.share, words);
  std::fflush(stdout);
}

void print_epoch(const TrainingState& state) {
  if (state.budget_ended) fmt::print("{}\n", kBudgetEnded);
  if (!state.epoch_ended) return;
  fmt::print("epoch {:>3}  loss {:.4f}", state.epoch, state.loss);
  if (state.ndcg >= 0)
    fmt::print("  ndcg@10 {:.4f}{}", state.ndcg, state.best_epoch == state.epoch ? "  best" : "");
  fmt::print("\n");
  std::fflush(stdout);
}

Status train_as(const TrainerOptions& options, Workers& workers) {
  WINNOW_TRY(const std::string bytes, read_file(options.input));
  WINNOW_TRY(const TrainingSequences sequences, TrainingSequences::decode(bytes));
  WINNOW_TRY(TwoTowerWeights weights,
             train(sequences, options, workers, options.progress ? print_progress : print_epoch));
  if (!workers.leads()) return {};
  return write_file_atomically(options.output, TwoTowerModel(std::move(weights)).encode());
}

void print_mmoe_progress(const MmoeTrainingState& state) {
  std::string words = fmt::format("{}epoch {}, loss {:.4f}", state.refit ? "again, " : "",
                                  state.epoch + (state.epoch_ended ? 0 : 1), state.loss);
  if (state.held_out >= 0) words += fmt::format(", held out {:.4f}", state.held_out);
  if (state.budget_ended) words = kBudgetEnded;
  fmt::print("progress {:.4f} {}\n", state.share, words);
  std::fflush(stdout);
}

void print_mmoe_epoch(const MmoeTrainingState& state) {
  if (state.budget_ended) fmt::print("{}\n", kBudgetEnded);
  if (!state.epoch_ended) return;
  fmt::print("{}epoch {:>3}  loss {:.5f}", state.refit ? "again, " : "", state.epoch, state.loss);
  if (!state.refit && state.held_out >= 0)
    fmt::print("  held out {:.5f}{}", state.held_out, state.best_epoch == state.epoch ? "  best" : "");
  fmt::print("\n");
  std::fflush(stdout);
}

Status train_mmoe_as(const MmoeTrainerOptions& options) {
  WINNOW_TRY(const std::string bytes, read_file(options.input));
  WINNOW_TRY(const RankingSet set, decode_ranking_set(bytes));
  WINNOW_TRY(const MmoeModel model,
             train(set, options, options.progress ? print_mmoe_progress : print_mmoe_epoch));
  return write_file_atomically(options.output, model.encode());
}

// libtorch throws; here its exceptions end.
template <class Work>
Status guarded(const Work& work) {
  try {
    return work();
  } catch (const std::exception& exception) {
    return Error{ErrorCode::internal, fmt::format("libtorch: {}", exception.what())};
  }
}

int report(const Status& status) {
  if (status.ok()) return 0;
  fmt::print(stderr, "error: {}\n", status.error().message);
  return 1;
}

// The other workers are copies of this process, made before libtorch starts any thread.
Status train_together(const TrainerOptions& options) {
  WINNOW_TRY(const TemporaryFolder folder, TemporaryFolder::create("workers"));
  const auto work_as = [&](std::uint32_t rank) {
    return guarded([&]() -> Status {
      WINNOW_TRY(const auto workers, join_workers(folder.path() / "meeting", rank, options.workers));
      return train_as(options, *workers);
    });
  };
  std::vector<pid_t> others;
  for (std::uint32_t rank = 1; rank < options.workers; ++rank) {
    const pid_t child = fork();
    if (child < 0) return file_error(errno, "start a worker", folder.path());
    if (child == 0) _exit(report(work_as(rank)));
    others.push_back(child);
  }
  Status status = work_as(0);
  for (const pid_t other : others) {
    int outcome = 0;
    waitpid(other, &outcome, 0);
    if (status.ok() && outcome != 0) {
      status = Error{ErrorCode::internal, "a worker ended early; its own message is above"};
    }
  }
  return status;
}

Status measure(const TrainerOptions& options) {
  TwoTowerShape shape;
  shape.items = kMeasuredItems;
  shape.dims = options.dims;
  shape.layers = options.layers;
  shape.heads = options.heads;
  shape.inner = options.inner == 0 ? options.dims : options.inner;
  shape.length = options.length;
  WINNOW_RETURN_IF_ERROR(shape.check());
  fmt::print("{}\n", measurement_json(shape, measure_forward(shape, kMeasuredRounds, options.seed)));
  return {};
}

Status run(std::span<const char* const> arguments) {
  if (!arguments.empty() && std::string_view(arguments[0]) == "mmoe") {
    WINNOW_TRY(const MmoeTrainerOptions options, parse_mmoe_options(arguments.subspan(1)));
    return train_mmoe_as(options);
  }
  WINNOW_TRY(const TrainerOptions options, parse_options(arguments));
  if (options.measure) return measure(options);
  if (options.workers > 1) return train_together(options);
  return train_as(options, *one_worker());
}

}  // namespace
}  // namespace winnow

int main(int argc, char** argv) {
  const std::vector<const char*> arguments(argv + 1, argv + argc);
  if (!arguments.empty() && std::string_view(arguments[0]) == "--help") {
    fmt::print("{}{}", winnow::trainer_help(), winnow::mmoe_help());
    return 0;
  }
  return winnow::report(winnow::guarded([&] { return winnow::run(arguments); }));
}

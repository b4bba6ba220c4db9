#include "mmoe_options.h"

#include "flags.h"

namespace winnow {
namespace {

Flags<MmoeTrainerOptions> all_flags() {
  using O = MmoeTrainerOptions;
  Flags<O> flags;
  flags.path("--input", "the ranking set, as winnow writes it", &O::input)
      .path("--output", "where the model goes", &O::output)
      .path("--checkpoint", "written after every epoch", &O::checkpoint)
      .toggle("--resume", "go on from the checkpoint, where there is one", &O::resume)
      .toggle("--progress", "lines for programs on standard output", &O::progress)
      .number("--experts", "default 4; 1 is a plain network", &O::experts, 1, 64)
      .number("--expert-hidden", "width of an expert's first layer; default 64", &O::expert_hidden, 1, 4096)
      .number("--expert-outputs", "width of its second; default 32", &O::expert_outputs, 1, 4096)
      .number("--head-hidden", "width of a head's layer; default 16", &O::head_hidden, 1, 4096)
      .number("--epochs", "at most; default 30", &O::epochs, 1, 100'000)
      .number("--patience", "epochs without a better loss on held-out groups; default 3", &O::patience, 1,
              1000)
      .number("--batch-rows", "about that many rows a step, in whole groups; default 2048", &O::batch_rows, 1,
              1e6)
      .number("--learning-rate", "of AdamW; default 0.003", &O::learning_rate, 1e-8, 1)
      .number("--weight-decay", "of matrices, decoupled; default 0.01", &O::weight_decay, 0, 10)
      .number("--l2", "of matrices, as part of the loss; default 0", &O::l2, 0, 10)
      .number("--dropout", "within and behind experts; default 0.1", &O::dropout, 0, 0.95)
      .numbers("--head-weights", "of the heads' losses; default all 1", &O::head_weights, 0, 1e6)
      .number("--listwise-share", "of the loss: a softmax over each group's rows; default 0",
              &O::listwise_share, 0, 1)
      .number("--listwise-head", "the head it is of, counted from 0; default 0", &O::listwise_head, 0, 63)
      .number(
          "--folds", "runs that hold out a part each; default 0: 3 below 2000 groups, else 1",
          [](O& o) -> auto& { return o.hold_out.folds; }, 0, 20)
      .number(
          "--held-out-share", "of groups, with one fold; 0: none are held out; default 0.1",
          [](O& o) -> auto& { return o.hold_out.share; }, 0, 0.5)
      .toggle("--no-refit", "keep the model of the best epoch, that lacks what was held out", &O::refit,
              false)
      .number("--budget-s", "end after about that many seconds; default 0, no bound", &O::budget_s, 0, 1e9)
      .number("--seed", "of everything random; default 1", &O::seed, 0, 9e15)
      .number("--threads", "default 1", &O::threads, 1, 1024);
  return flags;
}

}  // namespace

Result<MmoeTrainerOptions> parse_mmoe_options(std::span<const char* const> arguments) {
  WINNOW_TRY(MmoeTrainerOptions options, all_flags().parse(arguments));
  if (options.input.empty()) return missing_file("--input");
  if (options.output.empty()) return missing_file("--output");
  if (options.resume && options.checkpoint.empty()) return missing_file("--checkpoint");
  return options;
}

std::string mmoe_help() { return "\nMulti-task rankers:\n" + all_flags().help(); }

}  // namespace winnow

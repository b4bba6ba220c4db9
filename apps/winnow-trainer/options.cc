#include "options.h"

#include "flags.h"

namespace winnow {
namespace {

Flags<TrainerOptions> all_flags() {
  using O = TrainerOptions;
  Flags<O> flags;
  flags.path("--input", "what to learn from, as winnow writes it", &O::input);
  flags.path("--output", "where the model goes", &O::output);
  flags.path("--checkpoint", "written after every epoch", &O::checkpoint);
  flags.toggle("--resume", "go on from the checkpoint, where there is one", &O::resume);
  flags.toggle("--progress", "lines for programs on standard output", &O::progress);
  flags.toggle("--measure",
               "time winnow's forward pass of such a tower beside libtorch's; nothing is trained",
               &O::measure);
  flags.number("--dims", "width of the vectors; default 128", &O::dims, 32, 512);
  flags.number("--layers", "of the user tower; default 1", &O::layers, 1, 8);
  flags.number("--heads", "of attention; default 1", &O::heads, 1, 16);
  flags.number("--inner", "width of the layers' networks; default as dims", &O::inner, 0, 4096);
  flags.number("--length", "newest actions that are read; default 50", &O::length, 1, 1000);
  flags.number("--epochs", "at most; default 60", &O::epochs, 0, 100'000);
  flags.number("--epoch-steps", "at least: an epoch goes over small data several times; default 50",
               &O::epoch_steps, 1, 100'000);
  flags.number("--patience", "epochs without a better validation before the rate falls or the end; default 2",
               &O::patience, 1, 100'000);
  flags.number("--rate-falls", "times that the learning rate falls to a fifth; default 1", &O::rate_falls, 0,
               100);
  flags.number("--batch-users", "sequences a step; default 128", &O::batch_users, 1, 1e6);
  flags.number("--learning-rate", "of AdamW; default 0.001", &O::learning_rate, 1e-8, 1);
  flags.number("--weight-decay", "of AdamW; default 0", &O::weight_decay, 0, 10);
  flags.number("--dropout", "default 0.5", &O::dropout, 0, 0.95);
  flags.number("--id-dropout", "share of items seen by their features alone; default 0.1", &O::id_dropout, 0,
               0.95);
  flags.choice<3>("--softmax",
                  "auto, full or sampled; auto is full up to 50,000 items and 1e10 logits an epoch",
                  &O::softmax, {"auto", "full", "sampled"});
  flags.number("--negatives", "of the sampled softmax; default 4096", &O::negatives, 16, 1e6);
  flags.number("--hard-negatives", "share of them chosen as hard; default 0.5", &O::hard_negatives, 0, 0.9);
  flags.number("--seed", "of everything random; default 1", &O::seed, 0, 9e15);
  flags.number("--validation-users", "judged at most; default 10000", &O::validation_users, 1, 1e9);
  flags.toggle("--refit", "then learn again from all actions, those held out too, for as many epochs",
               &O::refit);
  flags.number("--budget-s", "end after about that many seconds; default 0, no bound", &O::budget_s, 0, 1e9);
  flags.number("--threads", "of each worker; default 1", &O::threads, 1, 1024);
  flags.number("--workers", "processes that share every step; default 1", &O::workers, 1, 64);
  flags.choice<3>("--device", "auto, cpu or cuda", &O::device, {"auto", "cpu", "cuda"});
  return flags;
}

Status check(const TrainerOptions& options) {
  if (options.measure) return {};
  if (options.input.empty()) return missing_file("--input");
  if (options.output.empty()) return missing_file("--output");
  if (options.resume && options.checkpoint.empty()) return missing_file("--checkpoint");
  return {};
}

}  // namespace

Result<TrainerOptions> parse_options(std::span<const char* const> arguments) {
  WINNOW_TRY(TrainerOptions options, all_flags().parse(arguments));
  WINNOW_RETURN_IF_ERROR(check(options));
  return options;
}

std::string trainer_help() {
  return "winnow-trainer: trains winnow's neural models. winnow runs it; it can be run by hand too.\n\n"
         "usage: winnow-trainer --input FILE --output FILE [flags]        the two-tower model\n"
         "       winnow-trainer mmoe --input FILE --output FILE [flags]   multi-task rankers\n\n"
         "The two-tower model:\n" +
         all_flags().help();
}

}  // namespace winnow

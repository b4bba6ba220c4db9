#include "options.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <functional>
#include <map>
#include <vector>

#include "base/text.h"

namespace winnow {
namespace {

struct TrainerFlag {
  std::string_view name;
  std::string_view value;  // how help calls it; empty for a switch
  std::string_view help;
  std::function<Status(TrainerOptions&, std::string_view)> set;
};

Error bad_value(std::string_view name, std::string_view value, std::string_view wanted) {
  return {ErrorCode::invalid, fmt::format("{} is '{}'; give {}", name, excerpt(value), wanted),
          std::string(name)};
}

TrainerFlag path_flag(std::string_view name, std::string_view help,
                      std::filesystem::path TrainerOptions::*member) {
  return {name, "FILE", help, [member](TrainerOptions& options, std::string_view value) -> Status {
            options.*member = value;
            return {};
          }};
}

TrainerFlag switch_flag(std::string_view name, std::string_view help, bool TrainerOptions::*member) {
  return {name, "", help, [member](TrainerOptions& options, std::string_view) -> Status {
            options.*member = true;
            return {};
          }};
}

template <class Number>
TrainerFlag number_flag(std::string_view name, std::string_view help, Number TrainerOptions::*member,
                        double low, double high) {
  return {name, "N", help,
          [name, member, low, high](TrainerOptions& options, std::string_view value) -> Status {
            const auto number = parse_double(value);
            const bool whole = !number || static_cast<double>(static_cast<Number>(*number)) == *number;
            if (!number || !(*number >= low && *number <= high) || !whole) {
              return bad_value(name, value, fmt::format("a number from {:g} to {:g}", low, high));
            }
            options.*member = static_cast<Number>(*number);
            return {};
          }};
}

template <class Choice, std::size_t n>
TrainerFlag choice_flag(std::string_view name, std::string_view help, Choice TrainerOptions::*member,
                        const std::array<std::string_view, n>& words) {
  return {name, "WORD", help,
          [name, member, words](TrainerOptions& options, std::string_view value) -> Status {
            for (std::size_t k = 0; k < n; ++k) {
              if (words[k] == value) {
                options.*member = static_cast<Choice>(k);
                return {};
              }
            }
            return bad_value(name, value, fmt::format("one of {}", fmt::join(words, ", ")));
          }};
}

std::vector<TrainerFlag> all_flags() {
  using O = TrainerOptions;
  return {
      path_flag("--input", "what to learn from, as winnow writes it", &O::input),
      path_flag("--output", "where the model goes", &O::output),
      path_flag("--checkpoint", "written after every epoch", &O::checkpoint),
      switch_flag("--resume", "go on from the checkpoint, where there is one", &O::resume),
      switch_flag("--progress", "lines for programs on standard output", &O::progress),
      switch_flag("--measure",
                  "time winnow's forward pass of such a tower beside libtorch's; nothing is trained",
                  &O::measure),
      number_flag("--dims", "width of the vectors; default 128", &O::dims, 32, 512),
      number_flag("--layers", "of the user tower; default 1", &O::layers, 1, 8),
      number_flag("--heads", "of attention; default 1", &O::heads, 1, 16),
      number_flag("--inner", "width of the layers' networks; default as dims", &O::inner, 0, 4096),
      number_flag("--length", "newest actions that are read; default 50", &O::length, 1, 1000),
      number_flag("--epochs", "at most; default 60", &O::epochs, 0, 100'000),
      number_flag("--epoch-steps", "at least: an epoch goes over small data several times; default 50",
                  &O::epoch_steps, 1, 100'000),
      number_flag("--patience",
                  "epochs without a better validation before the rate falls or the end; default 2",
                  &O::patience, 1, 100'000),
      number_flag("--rate-falls", "times that the learning rate falls to a fifth; default 1", &O::rate_falls,
                  0, 100),
      number_flag("--batch-users", "sequences a step; default 128", &O::batch_users, 1, 1e6),
      number_flag("--learning-rate", "of AdamW; default 0.001", &O::learning_rate, 1e-8, 1),
      number_flag("--weight-decay", "of AdamW; default 0", &O::weight_decay, 0, 10),
      number_flag("--dropout", "default 0.5", &O::dropout, 0, 0.95),
      number_flag("--id-dropout", "share of items seen by their features alone; default 0.1", &O::id_dropout,
                  0, 0.95),
      choice_flag<Softmax, 3>(
          "--softmax", "auto, full or sampled; auto is full up to 50,000 items and 1e10 logits an epoch",
          &O::softmax, {"auto", "full", "sampled"}),
      number_flag("--negatives", "of the sampled softmax; default 4096", &O::negatives, 16, 1e6),
      number_flag("--hard-negatives", "share of them chosen as hard; default 0.5", &O::hard_negatives, 0,
                  0.9),
      number_flag("--seed", "of everything random; default 1", &O::seed, 0, 9e15),
      number_flag("--validation-users", "judged at most; default 10000", &O::validation_users, 1, 1e9),
      switch_flag("--refit", "then learn again from all actions, those held out too, for as many epochs",
                  &O::refit),
      number_flag("--budget-s", "end after about that many seconds; default 0, no bound", &O::budget_s, 0,
                  1e9),
      number_flag("--threads", "of each worker; default 1", &O::threads, 1, 1024),
      number_flag("--workers", "processes that share every step; default 1", &O::workers, 1, 64),
      choice_flag<Device, 3>("--device", "auto, cpu or cuda", &O::device, {"auto", "cpu", "cuda"}),
  };
}

Status check(const TrainerOptions& options) {
  if (options.measure) return {};
  const auto missing = [](std::string_view name) {
    return Error{ErrorCode::invalid, fmt::format("{} FILE is missing", name), std::string(name)};
  };
  if (options.input.empty()) return missing("--input");
  if (options.output.empty()) return missing("--output");
  if (options.resume && options.checkpoint.empty()) return missing("--checkpoint");
  return {};
}

}  // namespace

Result<TrainerOptions> parse_options(std::span<const char* const> arguments) {
  const std::vector<TrainerFlag> flags = all_flags();
  TrainerOptions options;
  for (std::size_t k = 0; k < arguments.size(); ++k) {
    const std::string_view word = arguments[k];
    const auto flag = std::ranges::find(flags, word, &TrainerFlag::name);
    if (flag == flags.end()) {
      return Error{ErrorCode::invalid,
                   fmt::format("there is no flag '{}'; winnow-trainer --help lists them", excerpt(word)),
                   std::string(word)};
    }
    std::string_view value;
    if (!flag->value.empty()) {
      if (k + 1 == arguments.size()) return bad_value(word, "", fmt::format("{} after it", flag->value));
      value = arguments[++k];
    }
    WINNOW_RETURN_IF_ERROR(flag->set(options, value));
  }
  WINNOW_RETURN_IF_ERROR(check(options));
  return options;
}

std::string trainer_help() {
  std::string out =
      "winnow-trainer: trains winnow's two-tower model. winnow runs it; it can be run by hand too.\n\n"
      "usage: winnow-trainer --input FILE --output FILE [flags]\n\n";
  for (const TrainerFlag& flag : all_flags()) {
    out += fmt::format("  {:<26} {}\n", fmt::format("{} {}", flag.name, flag.value), flag.help);
  }
  return out;
}

}  // namespace winnow

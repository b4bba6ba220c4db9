// Runs winnow-trainer, a program of its own, since it links libtorch and winnow does not.
#pragma once

#include <fmt/format.h>

#include <filesystem>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace winnow {

// The program to run: `given`, which must exist; when it is empty, the one beside this program, then one of
// PATH. not_found says how to get it.
Result<std::filesystem::path> find_trainer(const std::filesystem::path& given = {});

// The trainer's last words where it stopped before it would have.
inline constexpr std::string_view kBudgetEnded = "the budget ended the training";

// The share of training done, 0 to 1, and where it stands in words. Returns false to end it.
using TrainerProgress = std::function<bool(double share, std::string_view words)>;

// Words of the trainer's command line.
class TrainerArguments {
 public:
  void add(std::string_view word) { words_.emplace_back(word); }
  void add(std::string_view flag, const auto& value) {
    add(flag);
    words_.push_back(fmt::format("{}", value));
  }
  const std::vector<std::string>& words() const { return words_; }

 private:
  std::vector<std::string> words_;
};

struct TrainerJob {
  std::filesystem::path trainer;
  std::string model;           // named in errors
  TrainerArguments arguments;  // but for --input, --output and --progress
  std::string_view input;      // the bytes to learn from
};

// The bytes of the model that the trainer leaves; it works in a temporary folder that is gone afterwards.
// What it learns from is a file without a name once it has started: it ends with the processes, however they
// end. Errors: what the trainer said; unavailable when `progress` ended it.
Result<std::string> run_trainer(const TrainerJob& job, const TrainerProgress& progress = {});

}  // namespace winnow

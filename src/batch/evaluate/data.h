// The data of an evaluation, and the files of its fixed protocols.
//
// user-items: PATH is a folder with train.txt and test.txt, a line = user item item ... (LightGCN's layout):
// the user's
//     train items are masked. Validation: a fifth of each user's train items (hold_out.h).
// sequence: PATH is a file, a line = user item item ... oldest first: the last item is the test, the one
// before it the
//     validation, the rest is learned from. At test time the history holds the validation item too; its items
//     are masked except the target.
// time-split: the caller passes events. Validation: the same cut once more, of the training part.
//
// Users and items of files are numbered in order of appearance; ids may be any text without blanks.
#pragma once

#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "batch/evaluate/split.h"
#include "batch/ranking/trait_columns.h"
#include "models/content/item_terms.h"

namespace winnow {

enum class Protocol : std::uint8_t { user_items, sequence, time_split };

// "user-items", "sequence", "time-split". Errors name the nearest.
std::string_view name_of(Protocol protocol);
Result<Protocol> protocol_named(std::string_view name);

struct EvaluationData {
  Protocol protocol = Protocol::time_split;
  std::string input;  // as the report names it
  std::uint32_t users = 0;
  std::uint32_t items = 0;
  std::uint64_t events = 0;               // training and test together
  EvaluationSplit test;                   // the final measurement
  EvaluationSplit validation;             // within the training part of `test`, for choosing parameters
  std::vector<TimedInteraction> moments;  // the events behind both, for rankers; empty but for time-split
  TestFrom from;                          // how they are divided
  TraitColumns traits;                    // per item, for rankers; empty when unknown
  std::vector<std::vector<std::uint32_t>> categories;  // per item, for diversity; empty when unknown
  ItemTerms terms;  // how each item is described; empty when nothing is known of any
};

// A malformed line is an error that names the file, the line and the word.
Result<EvaluationData> read_user_items(const std::filesystem::path& folder, std::uint64_t seed);
Result<EvaluationData> read_sequences(const std::filesystem::path& file);

// Events with dense numbers below users and items. Errors: no events; no test event of a user with history.
Result<EvaluationData> evaluation_data(std::span<const TimedInteraction> events, std::uint32_t users,
                                       std::uint32_t items, const TestFrom& from);

}  // namespace winnow

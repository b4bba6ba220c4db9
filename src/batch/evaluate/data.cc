#include "batch/evaluate/data.h"

#include <algorithm>
#include <array>
#include <unordered_map>

#include "base/file.h"
#include "base/hash.h"
#include "base/text.h"
#include "batch/evaluate/hold_out.h"

namespace winnow {
namespace {

const std::array<std::string, 3> kProtocolNames = {"user-items", "sequence", "time-split"};

// As much as such data usually hold out for the test: what is found on the cut then carries over to it.
constexpr double kValidationShare = 0.2;

// Gives every name a number in order of appearance.
class Numbering final {
 public:
  std::uint32_t number(std::string_view name) {
    if (const auto found = numbers_.find(name); found != numbers_.end()) return found->second;
    const auto next = static_cast<std::uint32_t>(numbers_.size());
    numbers_.emplace(std::string(name), next);
    return next;
  }
  std::uint32_t size() const { return static_cast<std::uint32_t>(numbers_.size()); }

 private:
  std::unordered_map<std::string, std::uint32_t, StringHash, std::equal_to<>> numbers_;
};

struct UserLine {
  std::uint32_t user = 0;
  std::vector<std::uint32_t> items;  // in the order of the line
};

// All lines of a file of "user item item ..." separated by spaces or tabs; blank lines are passed over.
Result<std::vector<UserLine>> read_lines(const std::filesystem::path& path, Numbering& users,
                                         Numbering& items) {
  WINNOW_TRY(const std::string text, read_file(path));
  std::vector<UserLine> out;
  std::size_t line_number = 0;
  for (const std::string_view raw_line : split(text, '\n')) {
    ++line_number;
    const std::string_view line = trim(raw_line);
    if (line.empty()) continue;
    UserLine parsed;
    bool first = true;
    for (std::size_t at = 0; at < line.size();) {
      const std::size_t begin = line.find_first_not_of(" \t", at);
      if (begin == std::string_view::npos) break;
      const std::size_t end = std::min(line.find_first_of(" \t", begin), line.size());
      const std::string_view word = line.substr(begin, end - begin);
      if (Status status = check_id(word, first ? "user" : "item"); !status.ok()) {
        return while_doing(path.string() + ", line " + std::to_string(line_number), status.error());
      }
      if (first) {
        parsed.user = users.number(word);
      } else {
        parsed.items.push_back(items.number(word));
      }
      first = false;
      at = end;
    }
    out.push_back(std::move(parsed));
  }
  if (out.empty()) {
    return Error{ErrorCode::invalid, path.string() + " holds no line; a line is: user item item ...",
                 "input"};
  }
  return out;
}

Error duplicate_user(const std::filesystem::path& path, std::size_t line) {
  return {ErrorCode::invalid,
          path.string() + ": the user of entry " + std::to_string(line) +
              " has a line already; give each user one line",
          "input"};
}

// input: named in the error.
Status require_test(const EvaluationData& data, const std::string& input) {
  if (!data.test.test.values.empty()) return {};
  return Error{ErrorCode::invalid,
               input +
                   " leaves nothing to test on: no user with history has a positive in the test part; move "
                   "the split earlier or give more data",
               "input"};
}

}  // namespace

std::string_view name_of(Protocol protocol) { return kProtocolNames[static_cast<std::size_t>(protocol)]; }

Result<Protocol> protocol_named(std::string_view name) {
  const auto found = std::ranges::find(kProtocolNames, name);
  if (found != kProtocolNames.end()) return static_cast<Protocol>(found - kProtocolNames.begin());
  const auto near = nearest(name, kProtocolNames);
  return Error{ErrorCode::invalid,
               "there is no protocol '" + excerpt(name) + "'; " +
                   (near ? "did you mean " + *near + "?" : "give user-items, sequence or time-split"),
               "protocol"};
}

Result<EvaluationData> read_user_items(const std::filesystem::path& folder, std::uint64_t seed) {
  Numbering users;
  Numbering items;
  WINNOW_TRY(const std::vector<UserLine> train, read_lines(folder / "train.txt", users, items));
  WINNOW_TRY(std::vector<UserLine> test, read_lines(folder / "test.txt", users, items));
  EvaluationData out;
  out.protocol = Protocol::user_items;
  out.input = folder.string();
  out.users = users.size();
  out.items = items.size();

  std::vector<WeightedPair> pairs;
  for (const UserLine& line : train) {
    for (const std::uint32_t item : line.items) pairs.push_back({line.user, item, 1, 0});
  }
  out.events = pairs.size();
  out.test.train = interactions_of(std::move(pairs), out.users, out.items);
  std::fill(out.test.train.weight.begin(), out.test.train.weight.end(),
            1.0f);  // a repeat in a line says no more
  out.test.history = out.test.train;
  std::vector<std::vector<std::uint32_t>> relevant(out.users);
  for (UserLine& line : test) {
    out.events += line.items.size();
    auto& of_user = relevant[line.user];
    of_user.insert(of_user.end(), line.items.begin(), line.items.end());
  }
  for (std::uint32_t user = 0; user < out.users; ++user) {
    const auto known = out.test.train.items_of(user);
    if (known.empty() && !relevant[user].empty()) {
      ++out.test.users_without_history;
      relevant[user].clear();
    }
    std::erase_if(relevant[user],
                  [&](std::uint32_t i) { return std::binary_search(known.begin(), known.end(), i); });
    out.test.masked.add({known.begin(), known.end()});
    out.test.test.add(std::move(relevant[user]));
  }
  WINNOW_RETURN_IF_ERROR(require_test(out, out.input));
  out.validation = hold_out(out.test, kValidationShare, seed);
  return out;
}

Result<EvaluationData> read_sequences(const std::filesystem::path& file) {
  Numbering users;
  Numbering items;
  WINNOW_TRY(std::vector<UserLine> lines, read_lines(file, users, items));
  EvaluationData out;
  out.protocol = Protocol::sequence;
  out.input = file.string();
  out.users = users.size();
  out.items = items.size();
  if (out.users != lines.size()) return duplicate_user(file, lines.size());

  // There are no times in the file: one day a step stands for the order.
  std::vector<WeightedPair> learned;
  std::vector<WeightedPair> known;
  for (const UserLine& line : lines) {  // lines come in order of user number
    out.events += line.items.size();
    const std::size_t n = line.items.size();
    const std::size_t train_size = n < 3 ? n : n - 2;
    std::vector<std::uint32_t> masked_in_validation;
    std::vector<std::uint32_t> masked_in_test;
    std::vector<std::uint32_t> validation_target;
    std::vector<std::uint32_t> test_target;
    for (std::size_t k = 0; k < n; ++k) {
      const WeightedPair pair{line.user, line.items[k], 1, static_cast<TimestampMs>(k + 1) * kDayMs};
      if (k < train_size) {
        learned.push_back(pair);
        masked_in_validation.push_back(pair.item);
      }
      if (k < std::max(train_size, n - 1)) {
        known.push_back(pair);
        masked_in_test.push_back(pair.item);
      }
    }
    if (n >= 3) {
      validation_target = {line.items[n - 2]};
      test_target = {line.items[n - 1]};
      std::erase(masked_in_validation, validation_target[0]);
      std::erase(masked_in_test, test_target[0]);
    }
    out.validation.masked.add(std::move(masked_in_validation));
    out.validation.test.add(std::move(validation_target));
    out.test.masked.add(std::move(masked_in_test));
    out.test.test.add(std::move(test_target));
  }
  out.test.train = interactions_of(std::move(learned), out.users, out.items);
  out.test.history = interactions_of(std::move(known), out.users, out.items);
  out.validation.train = out.test.train;
  out.validation.history = out.test.train;
  WINNOW_RETURN_IF_ERROR(require_test(out, out.input));
  return out;
}

Result<EvaluationData> evaluation_data(std::span<const TimedInteraction> events, std::uint32_t users,
                                       std::uint32_t items, const TestFrom& from) {
  EvaluationData out;
  out.protocol = Protocol::time_split;
  out.users = users;
  out.items = items;
  out.events = events.size();
  out.test = split_by_time(events, users, items, from);
  out.validation = split_by_time(divide_events(events, users, from).known, users, items, from);
  out.moments.assign(events.begin(), events.end());
  out.from = from;
  WINNOW_RETURN_IF_ERROR(require_test(out, "the split"));
  return out;
}

}  // namespace winnow

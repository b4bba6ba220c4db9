// The events of a folder of files or of a store, as the time-split protocol reads them: dense numbers,
// training weights, and whether the feedback rules of the settings call them positive.
//
// Impressions are left out: being shown something is nobody's choice. An anonymous session is a user of its
// own.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "adapters/files/file_plan.h"
#include "base/hash.h"
#include "base/result.h"
#include "batch/evaluate/data.h"
#include "catalog/catalog.h"
#include "domain/event.h"
#include "domain/feedback.h"
#include "domain/item.h"
#include "events/event_log.h"
#include "models/content/item_terms.h"
#include "winnow/terminal/terminal.h"

namespace winnow {

class TimedEvents final {
 public:
  explicit TimedEvents(const FeedbackPolicy& feedback) : feedback_(feedback) {}

  // Items come before the events about them: their durations decide what a watch means.
  void add(const Item& item);
  void add(const Event& event);
  std::size_t size() const { return events_.size(); }

  Result<EvaluationData> split(const TestFrom& from) const;

 private:
  using Numbers = std::unordered_map<std::string, std::uint32_t, StringHash, std::equal_to<>>;
  static std::uint32_t number(Numbers& numbers, std::string_view id);
  std::uint32_t item_number(std::string_view id);

  const FeedbackPolicy& feedback_;
  Numbers users_;
  Numbers items_;
  Numbers categories_;
  TraitColumns traits_;                                      // by item
  std::vector<std::vector<std::uint32_t>> item_categories_;  // by item
  std::vector<std::vector<ItemTerm>> item_terms_;            // by item
  std::vector<TimedInteraction> events_;
};

// Streams, so that a folder of tens of millions of events fits into memory. Rejected rows are counted in a
// remark.
Result<TimedEvents> read_timed_files(const std::filesystem::path& path, const FeedbackPolicy& feedback,
                                     const ReadOptions& options, Terminal& terminal);

Result<TimedEvents> read_timed_store(const Catalog& catalog, const EventLog& log,
                                     const FeedbackPolicy& feedback, Terminal& terminal);

}  // namespace winnow

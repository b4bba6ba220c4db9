#include "batch/impressions/look_ahead.h"

#include <algorithm>
#include <cstdlib>
#include <functional>
#include <iterator>
#include <span>
#include <utility>

#include "batch/impressions/shown_context.h"

namespace winnow {

namespace {

constexpr std::size_t kPage = 1024;

std::uint64_t answer_of(const Event& event) {
  return event.recommendation_id.empty() ? 0 : hash64(event.recommendation_id);
}

Hash128 group_key(const Event& event) {
  std::string text;
  if (!event.recommendation_id.empty()) {
    text = "i" + subject_of(event) + '\0' + event.recommendation_id;
  } else {
    text = "s" + subject_of(event) + '\0' + event.session_id;
  }
  return hash128(text);
}

}  // namespace

Result<std::optional<LookAhead::Step>> LookAhead::next(const OnPage& on_page) {
  WINNOW_RETURN_IF_ERROR(fill(on_page));
  if (buffer_.empty()) return std::optional<Step>();
  Step step;
  step.record = std::move(buffer_.front());
  buffer_.pop_front();
  const std::uint64_t number = taken_++;
  for (auto at = due_.begin(); at != due_.end() && at->first <= number; at = due_.erase(at)) {
    Pending& pending = *at->second;
    const auto open = open_.find(pending.key);
    std::erase(open->second, at->second);
    if (open->second.empty()) open_.erase(open);
    for (const std::uint64_t impression : pending.numbers) {
      if (impression > number) claimed_.insert(impression);
    }
    step.groups.push_back(std::move(pending.group));
  }
  claimed_.erase(number);
  if (group_) {
    const auto moments = moments_.find(hash128(subject_of(step.record.event)));
    moments->second.pop_front();
    if (moments->second.empty()) moments_.erase(moments);
  }
  return std::optional<Step>(std::move(step));
}

Status LookAhead::fill(const OnPage& on_page) {
  while (!ended_ && buffer_.size() < kRecords) {
    WINNOW_TRY(std::vector<LogRecord> page, stream_.next(kPage));
    ended_ = page.empty();
    if (on_page) on_page(page);
    std::ranges::move(page, std::back_inserter(buffer_));
  }
  // Exactly so far, however the pages fall.
  for (; group_ && looked_at_ < taken_ + std::min(buffer_.size(), kRecords); ++looked_at_) {
    take_in(buffer_[looked_at_ - taken_], looked_at_);
  }
  return {};
}

void LookAhead::save(ByteWriter& out) const {
  out.varint(taken_);
  out.varint(claimed_.size());
  for (const std::uint64_t number : claimed_) out.varint(number);
}

void LookAhead::restore(ByteReader& in) {
  taken_ = looked_at_ = in.varint();
  for (std::uint64_t left = in.varint(); left > 0 && !in.failed(); --left) claimed_.insert(in.varint());
}

void LookAhead::take_in(const LogRecord& record, std::uint64_t number) {
  const Hash128 subject = hash128(subject_of(record.event));
  moments_[subject].push_back({number, record.event.time_ms, answer_of(record.event)});
  if (record.event.action == Action::impression && !claimed_.contains(number)) {
    add_impression(record.event, subject, number);
  }
}

// The first buffered event of the subject that happened at or after the impression, or names its answer.
std::uint64_t LookAhead::moment_of(const Hash128& subject, const Event& impression,
                                   std::uint64_t number) const {
  const std::uint64_t answer = answer_of(impression);
  for (const Moment& moment : moments_.at(subject)) {
    if (moment.time_ms >= impression.time_ms || (answer != 0 && moment.answer == answer))
      return moment.number;
  }
  return number;
}

void LookAhead::add_impression(const Event& event, const Hash128& subject, std::uint64_t number) {
  const Hash128 key = group_key(event);
  std::vector<std::shared_ptr<Pending>>& open = open_[key];
  // The newest that it belongs to.
  const auto joined = std::find_if(open.rbegin(), open.rend(), [&](const auto& one) {
    return !event.recommendation_id.empty() || std::abs(event.time_ms - one->group.time_ms) <= group_gap_ms_;
  });
  std::shared_ptr<Pending> pending = joined != open.rend() ? *joined : nullptr;
  ShownContext context = read_shown_context(event.context);
  if (pending == nullptr) {
    pending = std::make_shared<Pending>();
    open.push_back(pending);
    pending->key = key;
    pending->group = {.subject = subject_of(event),
                      .session_id = event.session_id,
                      .recommendation_id = event.recommendation_id,
                      .surface = std::move(context.surface),
                      .time_ms = event.time_ms,
                      .items = {}};
    pending->due = moment_of(subject, event, number);
    pending->place = due_.emplace(pending->due, pending);
  }
  pending->numbers.push_back(number);
  ShownGroup& group = pending->group;
  if (std::ranges::any_of(group.items,
                          [&](const ShownItem& shown) { return shown.item_id == event.item_id; })) {
    return;
  }
  const auto place = context.place > 0 ? context.place : static_cast<std::uint16_t>(group.items.size() + 1);
  group.items.push_back({event.item_id, event.time_ms, place, context.explored});
  if (event.time_ms >= group.time_ms) return;
  group.time_ms = event.time_ms;
  const std::uint64_t due = moment_of(subject, event, number);
  if (due < pending->due) {
    due_.erase(pending->place);
    pending->due = due;
    pending->place = due_.emplace(due, pending);
  }
}

}  // namespace winnow

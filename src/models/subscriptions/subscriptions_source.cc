#include "models/subscriptions/subscriptions_source.h"

#include <algorithm>
#include <string>
#include <vector>

namespace winnow {

namespace {

constexpr std::size_t kPerCreator = 100;  // a creator's latest that are looked at
constexpr double kHalvedAfterMs = 7.0 * static_cast<double>(kDayMs);

// From 1 for an item of this moment towards 0. Items without a date come behind all others, in the order in
// which they entered the catalogue.
float freshness(const ItemAttributes& attributes, std::size_t place, TimestampMs now_ms) {
  constexpr double kUndated = 1e-3;
  if (attributes.created_ms == 0) return static_cast<float>(kUndated / static_cast<double>(1 + place));
  const auto age_ms = static_cast<double>(std::max<TimestampMs>(0, now_ms - attributes.created_ms));
  return static_cast<float>(kUndated + (1 - kUndated) / (1 + age_ms / kHalvedAfterMs));
}

class PreparedSubscriptions final : public PreparedSource {
 public:
  PreparedSubscriptions(const ItemTable& table, const RequestContext& context)
      : table_(table), context_(context) {
    for (const NameKey creator : context.user.follows) {
      const std::vector<ItemIndex> items = table.items_of_creator(creator, kPerCreator);
      for (std::size_t place = 0; place < items.size(); ++place) {
        if (row(items[place]) >= context.items->size()) continue;  // newer than the request's snapshot
        const ItemAttributes attributes = context.items->attributes(items[place]);
        if (attributes.available && attributes.created_ms <= context.query->now_ms) {
          found_.push_back({items[place], freshness(attributes, place, context.query->now_ms)});
        }
      }
    }
  }

  std::vector<ScoredItem> retrieve(std::size_t limit) override {
    if (found_.size() > limit) {
      const auto fresher = [](const ScoredItem& a, const ScoredItem& b) {
        return a.score != b.score ? a.score > b.score : row(a.item) > row(b.item);
      };
      std::nth_element(found_.begin(), found_.begin() + static_cast<std::ptrdiff_t>(limit), found_.end(),
                       fresher);
      found_.resize(limit);
    }
    return found_;
  }

  void score(std::span<const ItemIndex>, std::span<float> scores) const override {
    std::fill(scores.begin(), scores.end(), 0.0f);
  }

  Reason explain(ItemIndex item) const override {
    const std::string creator = table_.name_of(context_.items->attributes(item).creator);
    return {"followed", "From " + (creator.empty() ? "a creator" : creator) + ", whom you follow", ""};
  }

 private:
  const ItemTable& table_;
  const RequestContext& context_;
  std::vector<ScoredItem> found_;
};

}  // namespace

Result<std::unique_ptr<PreparedSource>> SubscriptionsSource::prepare(const RequestContext& context) const {
  return std::unique_ptr<PreparedSource>(std::make_unique<PreparedSubscriptions>(table_, context));
}

}  // namespace winnow

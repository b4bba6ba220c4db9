// StateReplay: users' states and items' statistics as the speed layer had them, one event after another.
//
// The rules are the speed layer's own (features/apply_event.h): what a request saw at a position of the log
// is what stands here behind the event of that position. Items that the catalogue lacks get the index that
// the speed layer would give them. What the store keeps names nobody: subjects are known by their hash. Not
// thread-safe.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/hash.h"
#include "base/result.h"
#include "catalog/catalog.h"
#include "catalog/item_table.h"
#include "domain/feedback.h"
#include "events/event_log.h"
#include "features/apply_event.h"
#include "features/feature_store.h"
#include "features/item_statistics.h"

namespace winnow {

struct ReplayOptions {
  UserStateOptions user;
  ItemStatisticsOptions items;
};

class StateReplay final {
 public:
  // All of them outlive the replay; `states` is empty, or holds what save() wrote of. One pass over the
  // catalogue.
  static Result<std::unique_ptr<StateReplay>> start(const Catalog& catalog, const FeedbackPolicy& feedback,
                                                    FeatureStore& states, const ReplayOptions& options);

  // Makes room for the items of events that are about to come.
  void expect(std::span<const LogRecord> records);

  // The subject's state now; valid until the next call of apply or hand_over.
  Result<const UserState*> user(const std::string& subject);
  const ItemStatistics& statistics() const { return statistics_; }
  const ItemSnapshot& items() const { return *items_; }
  ItemIndex find(std::string_view item_id) const { return table_.find(item_id); }

  // False for an event that the speed layer lays aside as well (dead letters): it changes nothing.
  Result<bool> apply(const LogRecord& record);

  // Hands the states that changed to the store, and lets go of them here.
  Status hand_over();

  // All but what the store keeps.
  void save(ByteWriter& out) const;
  Status restore(ByteReader& in);

 private:
  StateReplay(const Catalog& catalog, const FeedbackPolicy& feedback, FeatureStore& states,
              const ReplayOptions& options);
  Result<UserState*> working_state(const std::string& subject);
  void add_missing(std::span<const std::string> ids);
  Result<NameKey> country_of(const std::string& user_id);

  const Catalog& catalog_;
  const FeedbackPolicy& feedback_;
  FeatureStore& states_;
  ReplayOptions options_;
  ItemTable table_;
  std::shared_ptr<const ItemSnapshot> items_;
  ItemStatistics statistics_;
  std::unordered_map<std::string, std::shared_ptr<UserState>> working_;
  std::vector<std::string> missing_;  // items that the catalogue lacked, in order of their indexes
  std::unordered_map<std::uint64_t, NameKey> countries_;  // by the hash of a user's id
};

}  // namespace winnow

// MemoryFeatureStore: users' states in memory, for work that derives them anew and then lets go of them, such
// as a training set over a log that fits.
//
// A checkpoint lasts as long as the store. Not thread-safe.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "features/feature_store.h"

namespace winnow {

class MemoryFeatureStore final : public FeatureStore {
 public:
  Result<std::shared_ptr<const UserState>> user(std::string_view subject) const override {
    const auto found = users_.find(subject);
    return found == users_.end() ? nullptr : found->second;
  }
  Status put_users(std::vector<UserUpdate> updates) override {
    for (UserUpdate& update : updates) users_[std::move(update.subject)] = std::move(update.state);
    return {};
  }
  Status checkpoint(LogPosition position, std::string_view aggregates) override {
    checkpoint_ = {position, std::string(aggregates)};
    return {};
  }
  Result<Checkpoint> last_checkpoint() const override { return checkpoint_; }
  Status clear() override {
    users_.clear();
    checkpoint_ = {};
    return {};
  }
  Result<bool> erase_user(std::string_view subject) override {
    const auto found = users_.find(subject);
    if (found == users_.end()) return false;
    users_.erase(found);
    return true;
  }
  Status for_each_user(
      const std::function<Status(std::string_view subject, const UserState&)>& each) const override {
    for (const auto& [subject, state] : users_) WINNOW_RETURN_IF_ERROR(each(subject, *state));
    return {};
  }
  std::uint64_t user_count() const override { return users_.size(); }

 private:
  std::map<std::string, std::shared_ptr<const UserState>, std::less<>> users_;
  Checkpoint checkpoint_;
};

}  // namespace winnow

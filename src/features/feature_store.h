// FeatureStore: what the speed layer has derived from the event log, for requests to read.
//
// One writer (the speed layer), many readers. put_users is visible to readers at once; checkpoint makes all
// that was put so far durable together with the log position it stands for, so that a restart goes on from
// there and a crash in between only repeats work.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"
#include "domain/event.h"
#include "features/user_state.h"

namespace winnow {

struct UserUpdate {
  std::string subject;
  std::shared_ptr<const UserState> state;
};

class FeatureStore {
 public:
  virtual ~FeatureStore() = default;

  // Null when the subject is unknown. Thread-safe, never blocks on a writer for long.
  virtual Result<std::shared_ptr<const UserState>> user(std::string_view subject) const = 0;

  virtual Status put_users(std::vector<UserUpdate> updates) = 0;

  // `aggregates`: the speed layer's own state over items, encoded by it.
  virtual Status checkpoint(LogPosition position, std::string_view aggregates) = 0;

  struct Checkpoint {
    LogPosition position = 0;
    std::string aggregates;
  };
  // The newest checkpoint; position 0 when there is none.
  virtual Result<Checkpoint> last_checkpoint() const = 0;

  // Forgets everything, so that the log can be replayed from its start.
  virtual Status clear() = 0;

  // Removes the subject, from disk too.
  virtual Result<bool> erase_user(std::string_view subject) = 0;

  // Every subject, in an order that depends on the subjects alone.
  virtual Status for_each_user(
      const std::function<Status(std::string_view subject, const UserState&)>& each) const = 0;

  virtual std::uint64_t user_count() const = 0;
};

}  // namespace winnow

// EmbeddedDeadLetters: events that could not be applied, in the site's store. Format:
// docs/formats/dead_letters.md.
#pragma once

#include <memory>
#include <string_view>
#include <vector>

#include "adapters/embedded/store.h"
#include "base/mutex.h"
#include "events/event_log.h"

namespace winnow {

class EmbeddedDeadLetters final : public DeadLetterLog {
 public:
  // The store outlives it. O(letters).
  static Result<std::unique_ptr<EmbeddedDeadLetters>> open(Store& store);

  Status add(const LogRecord& record, std::string_view reason, std::uint32_t tries) override;
  Result<std::vector<DeadLetter>> list(std::uint64_t after_id, std::size_t limit) const override;
  Status remove(std::uint64_t id) override;
  Result<std::uint64_t> erase_subject(std::string_view subject) override;
  std::uint64_t size() const override;

 private:
  explicit EmbeddedDeadLetters(Store& store) : store_(store) {}
  Status load(const std::shared_ptr<const StoreEngine>& engine) WINNOW_REQUIRES(mutex_);
  Result<std::shared_ptr<const StoreEngine>> writer() WINNOW_REQUIRES(mutex_);

  Store& store_;
  mutable Mutex mutex_;
  std::uint64_t size_ WINNOW_GUARDED_BY(mutex_) = 0;
  std::uint64_t generation_ WINNOW_GUARDED_BY(mutex_) = 0;
};

}  // namespace winnow

#include "winnow/store/opened_store.h"

#include <fmt/format.h>

#include <utility>

#include "adapters/embedded/embedded_catalog.h"
#include "adapters/embedded/embedded_dead_letters.h"
#include "adapters/embedded/embedded_event_log.h"
#include "adapters/embedded/embedded_feature_store.h"
#include "adapters/embedded/embedded_impression_log.h"
#include "adapters/embedded/store.h"
#include "base/file.h"

namespace winnow {
namespace {

Result<OpenedStore> open_as(const StoreLayout& layout, StoreOptions::Mode mode,
                            const EventLogOptions& options, const Clock& clock,
                            const ImpressionLogOptions& impressions) {
  OpenedStore opened;
  WINNOW_TRY(opened.store, Store::open(layout.records(), {.mode = mode}));
  WINNOW_TRY(opened.catalog, EmbeddedCatalog::open(*opened.store));
  WINNOW_TRY(opened.dead_letters, EmbeddedDeadLetters::open(*opened.store));
  WINNOW_TRY(opened.features, EmbeddedFeatureStore::open(*opened.store));
  WINNOW_TRY(opened.log, EmbeddedEventLog::open(*opened.store, options, clock));
  WINNOW_TRY(opened.impressions, EmbeddedImpressionLog::open(*opened.store, impressions));
  opened.read_only = mode == StoreOptions::Mode::read_only;
  return opened;
}

}  // namespace

Result<OpenedStore> open_store(const std::filesystem::path& data, Access access,
                               const EventLogOptions& options, const Clock& clock,
                               const ImpressionLogOptions& impressions) {
  const StoreLayout layout{data};
  std::error_code unreadable;
  if (access != Access::write && !std::filesystem::exists(layout.records(), unreadable)) {
    return Error{ErrorCode::not_found,
                 fmt::format("there is no store at {}: fill one with \"winnow import\" or \"winnow "
                             "simulate\", or name another with --data",
                             data.string()),
                 "--data"};
  }
  const auto open_in = [&](StoreOptions::Mode mode) {
    return open_as(layout, mode, options, clock, impressions);
  };
  if (access == Access::read) return open_in(StoreOptions::Mode::read_only);
  if (access == Access::write) WINNOW_RETURN_IF_ERROR(make_directories(data));
  auto opened = open_in(StoreOptions::Mode::read_write);
  if (access == Access::prefer_write && !opened.ok()) {
    const ErrorCode code = opened.error().code;
    // A server writes to it, the folder is write-protected, or the disk is full: reading works all the same.
    if (code == ErrorCode::conflict || code == ErrorCode::forbidden || code == ErrorCode::exhausted) {
      return open_in(StoreOptions::Mode::read_only);
    }
  }
  return opened;
}

}  // namespace winnow

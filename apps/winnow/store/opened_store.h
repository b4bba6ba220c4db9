// A store's folder with the embedded adapters of every port, opened together: the one place that names them.
#pragma once

#include <filesystem>
#include <memory>

#include "base/clock.h"
#include "base/result.h"
#include "catalog/catalog.h"
#include "events/event_log.h"
#include "events/impression_log.h"
#include "features/feature_store.h"
#include "winnow/store/layout.h"

namespace winnow {

class Store;

struct OpenedStore {
  std::shared_ptr<Store> store;  // first: what follows is closed before it
  std::unique_ptr<Catalog> catalog;
  std::unique_ptr<DeadLetterLog> dead_letters;
  std::unique_ptr<FeatureStore> features;
  std::unique_ptr<EventLog> log;
  std::unique_ptr<ImpressionLog> impressions;
  bool read_only = false;
};

enum class Access {
  write,         // makes the store when there is none; conflict while another process writes
  read,          // beside any other process; not_found when there is no store
  prefer_write,  // write where that is possible, else read; not_found when there is no store
};

Result<OpenedStore> open_store(const std::filesystem::path& data, Access access,
                               const EventLogOptions& options, const Clock& clock,
                               const ImpressionLogOptions& impressions = {});

}  // namespace winnow

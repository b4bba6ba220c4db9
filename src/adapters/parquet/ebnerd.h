// EB-NeRD, the impressions of a news site (Kruse et al. 2024, EB-NeRD: A Large-Scale Dataset for News
// Recommendation), as events: behaviors.parquet and history.parquet of one of its splits.
//
// history: each article that was read is a view and, where the reading time is known, a watch of so many
// seconds that ends then. behaviors: every article in view is an impression whose recommendation_id is the
// impression's id, on the surface "front_page" or "article"; the articles clicked are clicks a second later
// (the time of a click is not recorded), and next_read_time is a watch of the first of them. The list in view
// has no order, so impressions name no position.
//
// Event ids are made of the data's own, so importing twice doubles nothing within the log's window. Users get
// their age group as profile. Without Arrow all of it is unsupported.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>

#include "base/result.h"
#include "catalog/catalog.h"
#include "events/event_log.h"

namespace winnow {

struct EbnerdReport {
  std::uint64_t impressions = 0;  // rows of behaviors.parquet
  std::uint64_t shown = 0;        // articles in view
  std::uint64_t clicks = 0;
  std::uint64_t read = 0;        // articles of the histories
  std::uint64_t users = 0;       // profiles put
  std::uint64_t events = 0;      // stored
  std::uint64_t duplicates = 0;  // that the log had before

  EbnerdReport& operator+=(const EbnerdReport& other) {
    impressions += other.impressions;
    shown += other.shown;
    clicks += other.clicks;
    read += other.read;
    users += other.users;
    events += other.events;
    duplicates += other.duplicates;
    return *this;
  }
};

// A folder with behaviors.parquet; history.parquet may be missing.
bool is_ebnerd_folder(const std::filesystem::path& folder);

// Memory: a batch of rows. progress: rows done; false stops it, and the same import goes on from there.
// Errors: not_found, invalid with the column that is missing or has another type, those of the ports,
// unavailable when stopped.
Result<EbnerdReport> import_ebnerd(const std::filesystem::path& folder, Catalog& catalog, EventLog& log,
                                   const std::function<bool(std::uint64_t)>& progress = {});

}  // namespace winnow

// A store as a folder of plain files, and back: to move it, to keep it, to look into it with any tool.
//
// A dump holds every item, user and event with all fields and event_ids, as JSONL packed by gzip, and a
// manifest with counts and checksums; docs/formats/dump.md is its format. Models and derived state are not in
// it: both come again from what is. The folder appears whole or not at all.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string_view>

#include "base/clock.h"
#include "base/result.h"
#include "catalog/catalog.h"
#include "events/event_log.h"

namespace winnow {

struct DumpProgress {
  std::string_view what;  // "items", "users", "events"
  std::uint64_t done = 0;
  std::uint64_t total = 0;  // as known at the beginning
};

struct DumpReport {
  std::uint64_t items = 0;
  std::uint64_t users = 0;
  std::uint64_t events = 0;
  std::uint64_t bytes = 0;  // of the files
  double seconds = 0;
};

struct DumpOptions {
  std::function<void(const DumpProgress&)> progress;
};

// Writes what the store holds now; events that arrive meanwhile are left out. conflict when `folder` exists
// and is not empty; exhausted when the disk is full, and then no folder is left behind.
Result<DumpReport> dump(const Catalog& catalog, const EventLog& log, const Clock& clock,
                        const std::filesystem::path& folder, const DumpOptions& options = {});

struct RestoreOptions {
  bool into_existing =
      false;  // adds to a store that holds something; also goes on with a restore that was cut short
  std::function<void(const DumpProgress&)> progress;
};

// Checks every checksum before it stores anything, then that every record arrived. conflict when the store is
// not empty. Events keep their ids and their order; the time of arrival is the time of the restore.
Result<DumpReport> restore(const std::filesystem::path& folder, Catalog& catalog, EventLog& log,
                           const Clock& clock, const RestoreOptions& options = {});

}  // namespace winnow

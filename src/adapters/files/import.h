// Importer: files of items, users and events into a catalogue and an event log.
//
// - Streaming: memory is bounded by a few batches, whatever the files' size.
// - Restartable: behind every durable batch of events stands a marker, committed with it, that says how far
// the file
//   has come. An import that was killed, or stopped by a full disk, goes on there when it is run again: no
//   event is lost and none doubled. Items and users are upserts and are read anew.
// - A file is known by its content, not by its name. One that was imported before is passed over, and its
// events count
//   as duplicates. Events without an event_id get one from their content, so that a file that was changed or
//   appended to doubles nothing either, within the log's deduplication window.
// - Every row that cannot be used is kept in the rejects file with its line and the reason; it stops nothing.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <stop_token>
#include <string>
#include <vector>

#include "adapters/files/import_marker.h"
#include "adapters/files/record_file.h"
#include "adapters/files/rejects_file.h"
#include "base/clock.h"
#include "base/result.h"
#include "catalog/catalog.h"
#include "events/event_log.h"

namespace winnow {

struct ImportProgress {
  std::filesystem::path file;
  std::uint64_t bytes_done = 0;  // of all files as they lie on disk
  std::uint64_t bytes_total = 0;
  std::uint64_t rows = 0;
};

struct ImportOptions {
  std::vector<std::filesystem::path> paths;
  ReadOptions read;                 // rules.now_ms is set from the importer's clock
  std::size_t batch_size = 10'000;  // rows committed together
  unsigned threads = 1;             // 2: rows are read while the batch before is being stored
  std::filesystem::path rejects;    // empty: rejected rows are counted only
  bool again = false;               // read files anew that were imported before
  std::function<void(const ImportProgress&)> progress;  // after every batch, on the importing thread
  std::stop_token stop;                                 // asks to stop behind the batch under way
};

struct FileReport {
  std::filesystem::path path;
  RecordKind kind = RecordKind::events;
  std::uint64_t rows = 0;        // read by this run
  std::uint64_t stored = 0;      // items and users put, events appended
  std::uint64_t duplicates = 0;  // events that the log had before
  std::uint64_t rejected = 0;
  std::uint64_t bytes = 0;
  std::uint64_t rows_before = 0;  // of an earlier run, behind which this one went on
  bool done_before = false;       // imported by an earlier run: its rows count as duplicates and rejected
};

struct ImportReport {
  std::uint64_t items = 0;
  std::uint64_t users = 0;
  std::uint64_t events = 0;
  std::uint64_t duplicates = 0;
  std::uint64_t rejected = 0;
  std::uint64_t bytes = 0;
  double seconds = 0;
  double cpu_seconds = 0;
  bool stopped = false;  // by options.stop; the same import goes on from here
  std::vector<FileReport> files;
  std::vector<Rejection> first_rejections;  // up to kShownRejections, to tell people about
  static constexpr std::size_t kShownRejections = 5;
};

class Importer final {
 public:
  // All three outlive the importer.
  Importer(Catalog& catalog, EventLog& log, const Clock& clock)
      : catalog_(catalog), log_(log), clock_(clock) {}

  // Plans all files before it stores anything. An error of the disk or the store says at which file and row
  // it happened, and leaves all that was stored before.
  Result<ImportReport> run(const ImportOptions& options);

 private:
  struct Job;
  struct Run;
  struct Stored {
    std::uint64_t stored = 0;
    std::uint64_t duplicates = 0;
  };
  Result<Job> prepare(FilePlan plan, const ImportOptions& options, const ReadOptions& read) const;
  Result<FileReport> import_file(const Job& job, Run& run);
  Result<Stored> store(const Job& job, RecordBatch batch, const ImportMarker& behind);

  Catalog& catalog_;
  EventLog& log_;
  const Clock& clock_;
};

}  // namespace winnow

// One file, read as a stream of batches of valid records.
//
// Every row either becomes a record or a Rejection that says why; none is lost and none stops the rest. What
// does stop the reading is a disk that fails or a gzip stream that breaks, and then the rows before are given
// first. Memory is bounded by a batch and one row.
#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "adapters/files/file_plan.h"
#include "adapters/files/movielens.h"
#include "adapters/files/rejection.h"

namespace winnow {

class JsonRowReader;

// Records of the plan's kind; the other lists are empty.
struct RecordBatch {
  std::vector<Item> items;
  std::vector<User> users;
  std::vector<Event> events;
  std::vector<Rejection> rejections;
  std::uint64_t rows = 0;  // read for this batch
  Place place;             // behind the batch's last row
  bool end = false;        // nothing follows
};

class RecordFile final {
 public:
  // `from`: where an earlier reader of the same bytes had come.
  static Result<RecordFile> open(FilePlan plan, const ReadOptions& options, Place from = {});
  RecordFile(RecordFile&&) noexcept;
  RecordFile& operator=(RecordFile&&) noexcept;
  ~RecordFile();

  // Up to `limit` rows.
  Result<RecordBatch> next(std::size_t limit);

  const FilePlan& plan() const { return plan_; }
  std::uint64_t file_bytes() const { return rows_.source().file_bytes(); }
  std::uint64_t file_bytes_read() const { return rows_.source().file_bytes_read(); }

 private:
  RecordFile(FilePlan plan, const ReadOptions& options, RowReader rows, std::unique_ptr<FilmNotes> notes);
  template <class Builder>
  void add(const Row& row, std::vector<typename Builder::Record>& records, RecordBatch& batch);
  template <class Builder>
  Result<typename Builder::Record> build(const Row& row);

  FilePlan plan_;
  BuildRules rules_;
  RowReader rows_;
  std::unique_ptr<JsonRowReader> json_;
  std::unique_ptr<FilmNotes> notes_;  // their rejections are given with the first batch
  bool at_header_;
  bool gave_note_rejections_ = false;
  std::optional<Error> failed_;
};

// Everything in the files at once, for evaluation on a folder.
struct FileRecords {
  std::vector<Item> items;
  std::vector<User> users;
  std::vector<Event> events;
  std::uint64_t rejected = 0;
};
Result<FileRecords> read_records(std::span<const std::filesystem::path> paths, const ReadOptions& options);

}  // namespace winnow

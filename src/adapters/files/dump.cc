#include "adapters/files/dump.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <limits>
#include <system_error>

#include "adapters/files/dump_manifest.h"
#include "adapters/files/gzip_writer.h"
#include "adapters/files/import.h"
#include "adapters/files/json_records.h"
#include "base/file.h"

namespace winnow {

namespace {

constexpr std::size_t kPageRecords = 10'000;
constexpr std::size_t kFlushBytes = 1 << 20;

// One file of the dump being written.
class RecordWriter final {
 public:
  static Result<RecordWriter> create(const std::filesystem::path& folder, std::string_view what,
                                     std::uint64_t total, const DumpOptions& options) {
    const std::string name = fmt::format("{}.jsonl.gz", what);
    WINNOW_TRY(GzipWriter file, GzipWriter::create(folder / name));
    return RecordWriter(std::move(file), name, {.what = what, .done = 0, .total = total}, options);
  }

  template <class Record>
  Status add(const Record& record) {
    append_json_line(text_, record);
    ++progress_.done;
    return text_.size() < kFlushBytes ? Status() : flush();
  }
  Result<DumpManifest::File> close() {
    WINNOW_RETURN_IF_ERROR(flush());
    WINNOW_TRY(const GzipWriter::Closed closed, file_.close());
    return DumpManifest::File{
        .name = name_, .records = progress_.done, .bytes = closed.bytes, .sha256 = closed.sha256};
  }

 private:
  RecordWriter(GzipWriter file, std::string name, DumpProgress progress, const DumpOptions& options)
      : file_(std::move(file)), name_(std::move(name)), progress_(progress), options_(&options) {}

  Status flush() {
    WINNOW_RETURN_IF_ERROR(file_.write(text_));
    text_.clear();
    if (options_->progress) options_->progress(progress_);
    return {};
  }

  GzipWriter file_;
  std::string name_;
  DumpProgress progress_;
  const DumpOptions* options_;
  std::string text_;
};

Result<DumpManifest::File> write_items(const Catalog& catalog, const std::filesystem::path& folder,
                                       const DumpOptions& options) {
  WINNOW_TRY(RecordWriter writer, RecordWriter::create(folder, "items", catalog.item_count(), options));
  // In order of index, so that a restored catalogue gives out indexes in the same order.
  WINNOW_RETURN_IF_ERROR(
      catalog.for_each_item([&](ItemIndex, const Item& item) { return writer.add(item); }));
  return writer.close();
}

Result<DumpManifest::File> write_users(const Catalog& catalog, const std::filesystem::path& folder,
                                       const DumpOptions& options) {
  WINNOW_TRY(RecordWriter writer, RecordWriter::create(folder, "users", catalog.user_count(), options));
  std::string after;
  do {
    WINNOW_TRY(const auto page, catalog.users(after, kPageRecords));
    for (const User& user : page.entries) WINNOW_RETURN_IF_ERROR(writer.add(user));
    after = page.next_after;
  } while (!after.empty());
  return writer.close();
}

Result<DumpManifest::File> write_events(const EventLog& log, const std::filesystem::path& folder,
                                        const DumpOptions& options) {
  const LogStatistics statistics = log.statistics();
  WINNOW_TRY(RecordWriter writer, RecordWriter::create(folder, "events", statistics.events, options));
  for (LogPosition next = 0; next <= statistics.last;) {
    WINNOW_TRY(const auto records, log.read(next, kPageRecords));
    if (records.empty()) break;
    for (const LogRecord& record : records) {
      if (record.position > statistics.last) break;
      WINNOW_RETURN_IF_ERROR(writer.add(record.event));
    }
    next = records.back().position + 1;
  }
  return writer.close();
}

// A folder that goes away again unless it is published under its name.
class FolderInTheMaking final {
 public:
  static Result<FolderInTheMaking> create(const std::filesystem::path& target) {
    std::error_code error;
    if (std::filesystem::exists(target, error) && !std::filesystem::is_empty(target, error)) {
      return Error{
          ErrorCode::conflict,
          fmt::format("{} exists and is not empty: name a folder that does not exist yet", target.string())};
    }
    std::filesystem::path temporary = target;
    if (!temporary.has_filename()) temporary = temporary.parent_path();  // "dump/"
    FolderInTheMaking folder(temporary);
    folder.path_ += fmt::format(".part.{}", ::getpid());
    std::filesystem::remove_all(folder.path_, error);  // of a process of the same number that was killed
    WINNOW_RETURN_IF_ERROR(make_directories(folder.path_));
    return folder;
  }
  FolderInTheMaking(FolderInTheMaking&& other) noexcept
      : target_(std::move(other.target_)), path_(std::exchange(other.path_, {})) {}
  FolderInTheMaking& operator=(FolderInTheMaking&&) = delete;
  ~FolderInTheMaking() {
    std::error_code ignored;
    if (!path_.empty()) std::filesystem::remove_all(path_, ignored);
  }
  const std::filesystem::path& path() const { return path_; }

  Status publish() {
    std::error_code error;
    std::filesystem::rename(path_, target_, error);
    if (error) return file_error(error.value(), "cannot name the dump", target_);
    path_.clear();
    const std::filesystem::path parent = target_.has_parent_path() ? target_.parent_path() : ".";
    const int fd = ::open(parent.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    const bool synced = fd >= 0 && ::fsync(fd) == 0;
    const int cause = errno;
    if (fd >= 0) ::close(fd);
    return synced ? Status() : file_error(cause, "cannot sync", parent);
  }

 private:
  explicit FolderInTheMaking(const std::filesystem::path& target) : target_(target), path_(target) {}
  std::filesystem::path target_;
  std::filesystem::path path_;
};

DumpReport report_of(const DumpManifest& manifest, double began) {
  return {.items = manifest.items.records,
          .users = manifest.users.records,
          .events = manifest.events.records,
          .bytes = manifest.items.bytes + manifest.users.bytes + manifest.events.bytes,
          .seconds = steady_seconds() - began};
}

}  // namespace

Result<DumpReport> dump(const Catalog& catalog, const EventLog& log, const Clock& clock,
                        const std::filesystem::path& folder, const DumpOptions& options) {
  const double began = steady_seconds();
  WINNOW_TRY(FolderInTheMaking making, FolderInTheMaking::create(folder));
  DumpManifest manifest;
  manifest.created_ms = clock.now_ms();
  // Events first: whom and what they speak of stays in the catalogue meanwhile, or is erased on purpose.
  WINNOW_TRY(manifest.events, write_events(log, making.path(), options));
  WINNOW_TRY(manifest.items, write_items(catalog, making.path(), options));
  WINNOW_TRY(manifest.users, write_users(catalog, making.path(), options));
  WINNOW_RETURN_IF_ERROR(write_file_atomically(making.path() / DumpManifest::kFileName, manifest.json()));
  WINNOW_RETURN_IF_ERROR(making.publish());
  return report_of(manifest, began);
}

Result<DumpReport> restore(const std::filesystem::path& folder, Catalog& catalog, EventLog& log,
                           const Clock& clock, const RestoreOptions& options) {
  const double began = steady_seconds();
  WINNOW_TRY(const DumpManifest manifest, DumpManifest::read(folder));
  const std::uint64_t events = log.statistics().events;
  if (!options.into_existing && (events > 0 || catalog.item_count() > 0 || catalog.user_count() > 0)) {
    return Error{
        ErrorCode::conflict,
        fmt::format("the store holds {} items, {} users and {} events already: restore into an empty one, or "
                    "say that it may be added to, which also goes on with a restore that was cut short",
                    catalog.item_count(), catalog.user_count(), events)};
  }
  WINNOW_RETURN_IF_ERROR(manifest.check_files(folder));

  ImportOptions import;
  import.read.rules.time_unit = TimeUnit::milliseconds;
  // All of it was accepted once, whatever this machine's clock and limits say.
  import.read.rules.limits.max_future_ms = std::numeric_limits<TimestampMs>::max() / 4;
  import.read.rules.limits.max_context_bytes = std::numeric_limits<std::size_t>::max();
  import.read.max_row_bytes = std::size_t{1} << 30;
  for (const DumpManifest::File* file : {&manifest.items, &manifest.users, &manifest.events}) {
    if (file->records > 0) import.paths.push_back(folder / file->name);
  }
  if (import.paths.empty()) return report_of(manifest, began);
  const DumpReport whole = report_of(manifest, began);
  if (options.progress) {
    import.progress = [&, total = whole.items + whole.users + whole.events](const ImportProgress& progress) {
      options.progress({.what = "records", .done = progress.rows, .total = total});
    };
  }
  WINNOW_TRY(const ImportReport report, Importer(catalog, log, clock).run(import));
  if (report.rejected > 0) {
    const Rejection& first = report.first_rejections.front();
    return Error{ErrorCode::corrupt,
                 fmt::format("{} records of the dump could not be read, the first in {} on line {}: {}",
                             report.rejected, first.file.string(), first.line, first.error.message)};
  }
  std::uint64_t rows_before = 0;
  for (const FileReport& file : report.files) rows_before += file.rows_before;
  if (report.items != whole.items || report.users != whole.users ||
      report.events + report.duplicates + rows_before != whole.events) {
    return Error{ErrorCode::corrupt,
                 fmt::format("{} holds other numbers of records than its manifest says: fetch the "
                             "dump again",
                             folder.string())};
  }
  return report_of(manifest, began);
}

}  // namespace winnow

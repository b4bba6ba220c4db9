#include "adapters/files/import.h"

#include <fmt/format.h>

#include <algorithm>
#include <future>

#include "base/hash.h"

namespace winnow {

// One file and where to begin in it.
struct Importer::Job {
  FilePlan plan;
  std::string marker_name;  // of a file of events
  ImportMarker marker;
  std::uint64_t bytes = 0;
};

struct Importer::Run {
  const ImportOptions& options;
  ReadOptions read;
  RejectsFile rejects;
  ImportReport report;
  ImportProgress progress;
};

namespace {

// What makes the rows of a file into events; the same bytes read in another way are another import.
std::uint64_t reading_of(const FilePlan& plan, const ReadOptions& read) {
  std::string text =
      fmt::format("{}\x1f{}\x1f{}\x1f", static_cast<int>(read.rules.time_unit), plan.format.separator,
                  read.rules.default_action ? static_cast<int>(*read.rules.default_action) : -1);
  for (const FileColumn& column : plan.columns)
    text += fmt::format("{}={}\x1f", column.name, static_cast<int>(column.field));
  for (const ColumnMapping& given : read.mapping) text += fmt::format("{}={}\x1f", given.column, given.field);
  return hash64(text);
}

}  // namespace

Result<Importer::Job> Importer::prepare(FilePlan plan, const ImportOptions& options,
                                        const ReadOptions& read) const {
  Job job{.plan = std::move(plan), .marker_name = {}, .marker = {}, .bytes = 0};
  WINNOW_TRY(const ByteSource source, ByteSource::open(job.plan.path));
  job.bytes = source.file_bytes();
  if (job.plan.kind != RecordKind::events) return job;
  WINNOW_TRY(const std::uint64_t content, fingerprint(job.plan.path));
  job.marker_name = fmt::format("import:{:016x}:{:016x}", content, reading_of(job.plan, read));
  if (options.again) return job;
  WINNOW_TRY(const std::string text, log_.marker(job.marker_name));
  WINNOW_TRY(job.marker, ImportMarker::parse(text));
  return job;
}

Result<ImportReport> Importer::run(const ImportOptions& options) {
  const double began = steady_seconds();
  const double cpu_began = cpu_seconds();
  if (options.batch_size == 0) {
    return Error{ErrorCode::invalid, "batch_size is 0: give at least 1", "batch_size"};
  }
  ReadOptions read = options.read;
  read.rules.now_ms = clock_.now_ms();
  WINNOW_TRY(auto plans, plan_files(options.paths, read));

  std::vector<Job> jobs;
  RejectsFile::DoneLines done;
  std::uint64_t bytes_total = 0;
  for (FilePlan& plan : plans) {
    WINNOW_TRY(Job job, prepare(std::move(plan), options, read));
    bytes_total += job.bytes;
    if (job.marker.rows > 0) done[job.plan.path.string()] = job.marker.place.line;
    jobs.push_back(std::move(job));
  }
  WINNOW_TRY(RejectsFile rejects, RejectsFile::open(options.rejects, done));
  Run run{.options = options,
          .read = std::move(read),
          .rejects = std::move(rejects),
          .report = {},
          .progress = {}};
  run.progress.bytes_total = bytes_total;

  for (const Job& job : jobs) {
    WINNOW_TRY(FileReport file, import_file(job, run));
    std::uint64_t& stored = file.kind == RecordKind::items   ? run.report.items
                            : file.kind == RecordKind::users ? run.report.users
                                                             : run.report.events;
    stored += file.stored;
    run.report.duplicates += file.duplicates;
    run.report.rejected += file.rejected;
    run.report.bytes += file.bytes;
    run.report.files.push_back(std::move(file));
    if (run.report.stopped) break;
  }
  run.report.seconds = steady_seconds() - began;
  run.report.cpu_seconds = cpu_seconds() - cpu_began;
  return std::move(run.report);
}

Result<FileReport> Importer::import_file(const Job& job, Run& run) {
  FileReport report{.path = job.plan.path, .kind = job.plan.kind, .rows_before = job.marker.rows};
  run.progress.file = job.plan.path;
  const std::uint64_t bytes_before = run.progress.bytes_done;
  const auto show_progress = [&](std::uint64_t bytes) {
    run.progress.bytes_done = bytes_before + bytes;
    if (run.options.progress) run.options.progress(run.progress);
  };
  if (job.marker.done) {
    report.done_before = true;
    report.rejected = job.marker.rejected;
    report.duplicates = job.marker.rows - std::min(job.marker.rows, job.marker.rejected);
    show_progress(job.bytes);
    return report;
  }

  ImportMarker behind = job.marker;  // the last batch that was read
  const auto here = [&](Error error) {
    return while_doing(fmt::format("importing {} near line {}", job.plan.path.string(), behind.place.line),
                       std::move(error));
  };
  auto opened = RecordFile::open(job.plan, run.read, behind.place);
  if (!opened.ok()) return here(std::move(opened).error());
  RecordFile file = std::move(opened).value();
  const std::uint64_t skipped_bytes = file.file_bytes_read();

  std::future<Result<Stored>> under_way;  // the batch before, on its way to the disk
  const auto settle = [&]() -> Status {
    if (!under_way.valid()) return {};
    auto outcome = under_way.get();
    if (!outcome.ok()) return here(std::move(outcome).error());
    report.stored += outcome->stored;
    report.duplicates += outcome->duplicates;
    return {};
  };
  while (!behind.done && !run.report.stopped) {
    auto read = file.next(run.options.batch_size);
    WINNOW_RETURN_IF_ERROR(settle());
    if (!read.ok()) return here(std::move(read).error());
    RecordBatch& batch = *read;
    const std::uint64_t rows = batch.rows;
    report.rows += rows;
    report.rejected += batch.rejections.size();
    behind = {.place = batch.place,
              .rows = behind.rows + rows,
              .rejected = behind.rejected + batch.rejections.size(),
              .done = batch.end};

    // Before the marker that says they were dealt with.
    WINNOW_RETURN_IF_ERROR(run.rejects.add(batch.rejections));
    auto& shown = run.report.first_rejections;
    for (const Rejection& rejection : batch.rejections) {
      if (shown.size() < ImportReport::kShownRejections) shown.push_back(rejection);
    }
    under_way = std::async(run.options.threads > 1 ? std::launch::async : std::launch::deferred,
                           [this, &job, behind, held = std::move(batch)]() mutable {
                             return store(job, std::move(held), behind);
                           });
    if (run.options.threads <= 1) WINNOW_RETURN_IF_ERROR(settle());
    run.progress.rows += rows;
    show_progress(file.file_bytes_read());
    run.report.stopped = !behind.done && run.options.stop.stop_requested();
  }
  WINNOW_RETURN_IF_ERROR(settle());
  report.bytes = file.file_bytes_read() - skipped_bytes;
  return report;
}

Result<Importer::Stored> Importer::store(const Job& job, RecordBatch batch, const ImportMarker& behind) {
  Stored result;
  switch (job.plan.kind) {
    case RecordKind::items: {
      WINNOW_TRY(const auto indexes, catalog_.put_items(batch.items));
      result.stored = indexes.size();
      break;
    }
    case RecordKind::users:
      WINNOW_RETURN_IF_ERROR(catalog_.put_users(batch.users));
      result.stored = batch.users.size();
      break;
    case RecordKind::events: {
      WINNOW_TRY(const auto outcomes,
                 log_.append(std::move(batch.events), Marker{job.marker_name, behind.text()}));
      for (const AppendOutcome& outcome : outcomes) {
        ++(outcome.kind == AppendOutcome::Kind::stored ? result.stored : result.duplicates);
      }
      break;
    }
  }
  return result;
}

}  // namespace winnow

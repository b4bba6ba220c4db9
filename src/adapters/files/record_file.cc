#include "adapters/files/record_file.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

#include "adapters/files/json_row.h"
#include "base/text.h"

namespace winnow {

RecordFile::RecordFile(FilePlan plan, const ReadOptions& options, RowReader rows,
                       std::unique_ptr<FilmNotes> notes)
    : plan_(std::move(plan)),
      rules_(options.rules),
      rows_(std::move(rows)),
      notes_(std::move(notes)),
      at_header_(plan_.has_header && rows_.place().offset == 0) {
  if (plan_.format.whole_lines) json_ = std::make_unique<JsonRowReader>(plan_.kind, options.mapping);
}

RecordFile::RecordFile(RecordFile&&) noexcept = default;
RecordFile& RecordFile::operator=(RecordFile&&) noexcept = default;
RecordFile::~RecordFile() = default;

Result<RecordFile> RecordFile::open(FilePlan plan, const ReadOptions& options, Place from) {
  WINNOW_TRY(ByteSource source, ByteSource::open(plan.path));
  if (from.offset > 0) WINNOW_RETURN_IF_ERROR(source.skip(from.offset));
  std::unique_ptr<FilmNotes> notes;
  if (!plan.tags.empty() || !plan.links.empty()) {
    WINNOW_TRY(FilmNotes loaded, FilmNotes::load(plan.tags, plan.links, options));
    notes = std::make_unique<FilmNotes>(std::move(loaded));
  }
  RowReader rows(std::move(source), plan.format, from);
  return RecordFile(std::move(plan), options, std::move(rows), std::move(notes));
}

template <class Builder>
Result<typename Builder::Record> RecordFile::build(const Row& row) {
  if (json_) return json_->read<Builder>(row.fields[0], rules_);
  if (row.fields.size() != plan_.columns.size()) {
    return Error{ErrorCode::invalid,
                 fmt::format("the row has {} columns where the file has {}: quote a field that holds "
                             "the separator",
                             row.fields.size(), plan_.columns.size())};
  }
  Builder builder(rules_);
  for (std::size_t i = 0; i < row.fields.size(); ++i) {
    if (plan_.may_be_latin1 && !is_utf8(row.fields[i])) {
      WINNOW_RETURN_IF_ERROR(builder.set(plan_.columns[i], utf8_or_latin1(row.fields[i])));
    } else {
      WINNOW_RETURN_IF_ERROR(builder.set(plan_.columns[i], row.fields[i]));
    }
  }
  return builder.finish();
}

template <class Builder>
void RecordFile::add(const Row& row, std::vector<typename Builder::Record>& records, RecordBatch& batch) {
  auto record =
      row.problem.empty() ? build<Builder>(row) : Error{ErrorCode::invalid, std::string(row.problem)};
  if (record.ok()) {
    records.push_back(std::move(record).value());
  } else {
    batch.rejections.push_back(rejection_of(plan_.path, row, std::move(record).error()));
  }
}

Result<RecordBatch> RecordFile::next(std::size_t limit) {
  if (failed_) return *failed_;
  RecordBatch batch;
  if (notes_ && !gave_note_rejections_) batch.rejections = notes_->rejections();
  gave_note_rejections_ = true;
  if (plan_.kind == RecordKind::events) batch.events.reserve(limit);
  while (batch.rows < limit) {
    const auto row = rows_.next();
    if (!row.ok()) {
      if (batch.rows == 0) return row.error();
      failed_ = row.error();
      break;
    }
    if (!row->has_value()) {
      batch.end = true;
      break;
    }
    if (at_header_) {
      at_header_ = false;
      continue;
    }
    ++batch.rows;
    switch (plan_.kind) {
      case RecordKind::items:
        add<ItemBuilder>(**row, batch.items, batch);
        break;
      case RecordKind::users:
        add<UserBuilder>(**row, batch.users, batch);
        break;
      case RecordKind::events:
        add<EventBuilder>(**row, batch.events, batch);
        break;
    }
  }
  if (notes_) {
    for (Item& item : batch.items) notes_->add_to(item);
  }
  batch.place = rows_.place();
  return batch;
}

Result<FileRecords> read_records(std::span<const std::filesystem::path> paths, const ReadOptions& options) {
  constexpr std::size_t kBatchRows = 10'000;
  FileRecords all;
  WINNOW_TRY(auto plans, plan_files(paths, options));
  for (FilePlan& plan : plans) {
    WINNOW_TRY(RecordFile file, RecordFile::open(std::move(plan), options));
    for (bool end = false; !end;) {
      WINNOW_TRY(RecordBatch batch, file.next(kBatchRows));
      std::move(batch.items.begin(), batch.items.end(), std::back_inserter(all.items));
      std::move(batch.users.begin(), batch.users.end(), std::back_inserter(all.users));
      std::move(batch.events.begin(), batch.events.end(), std::back_inserter(all.events));
      all.rejected += batch.rejections.size();
      end = batch.end;
    }
  }
  return all;
}

}  // namespace winnow

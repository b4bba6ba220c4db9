#include "adapters/parquet/arrow_file.h"

#include <arrow/compute/cast.h>
#include <arrow/io/file.h>
#include <arrow/util/key_value_metadata.h>
#include <fmt/format.h>
#include <parquet/arrow/reader.h>

#include <utility>

#include "base/file.h"
#include "base/text.h"

namespace winnow {

namespace {

constexpr std::int64_t kBatchRows = 64 << 10;

bool holds_times(const arrow::DataType& type) { return type.id() == arrow::Type::TIMESTAMP; }

bool holds_numbers(const arrow::DataType& type) {
  return arrow::is_integer(type.id()) || arrow::is_floating(type.id()) || type.id() == arrow::Type::BOOL;
}

template <class List>
std::vector<std::int64_t> offsets_of(const List& list) {
  std::vector<std::int64_t> offsets;
  for (std::int64_t i = 0; i <= list.length(); ++i) offsets.push_back(list.value_offset(i));
  return offsets;
}

}  // namespace

Error arrow_error(const arrow::Status& status, std::string_view doing, const std::filesystem::path& path) {
  const ErrorCode code = status.IsIOError()       ? ErrorCode::unavailable
                         : status.IsOutOfMemory() ? ErrorCode::exhausted
                                                  : ErrorCode::invalid;
  return {code, fmt::format("{} {}: {}", doing, path.string(), excerpt(status.message(), 200))};
}

struct ParquetRows::Impl {
  std::filesystem::path path;
  std::unique_ptr<parquet::arrow::FileReader> reader;
  std::shared_ptr<arrow::Schema> schema;
  std::unique_ptr<arrow::RecordBatchReader> batches;
};

ParquetRows::ParquetRows(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
ParquetRows::ParquetRows(ParquetRows&&) noexcept = default;
ParquetRows& ParquetRows::operator=(ParquetRows&&) noexcept = default;
ParquetRows::~ParquetRows() = default;

Result<ParquetRows> ParquetRows::open(const std::filesystem::path& path) {
  std::error_code ignored;
  if (!std::filesystem::exists(path, ignored)) {
    return Error{ErrorCode::not_found, fmt::format("there is no file {}", path.string())};
  }
  auto impl = std::make_unique<Impl>();
  impl->path = path;
  const auto status = [&]() -> arrow::Status {
    ARROW_ASSIGN_OR_RAISE(auto file, arrow::io::ReadableFile::Open(path.string()));
    parquet::arrow::FileReaderBuilder builder;
    ARROW_RETURN_NOT_OK(builder.Open(std::move(file)));
    parquet::ArrowReaderProperties properties;
    properties.set_batch_size(kBatchRows);
    ARROW_RETURN_NOT_OK(builder.properties(properties)->Build(&impl->reader));
    ARROW_RETURN_NOT_OK(impl->reader->GetSchema(&impl->schema));
    ARROW_ASSIGN_OR_RAISE(impl->batches, impl->reader->GetRecordBatchReader());
    return arrow::Status::OK();
  }();
  if (!status.ok()) return arrow_error(status, "cannot read", path);
  return ParquetRows(std::move(impl));
}

std::vector<std::string> ParquetRows::columns() const { return impl_->schema->field_names(); }

std::optional<std::string> ParquetRows::metadata(const std::string& key) const {
  const auto& metadata = impl_->schema->metadata();
  if (metadata == nullptr) return std::nullopt;
  const auto found = metadata->Get(key);
  return found.ok() ? std::optional(*found) : std::nullopt;
}

Result<std::shared_ptr<arrow::RecordBatch>> ParquetRows::next() {
  std::shared_ptr<arrow::RecordBatch> batch;
  if (const auto status = impl_->batches->ReadNext(&batch); !status.ok()) {
    return arrow_error(status, "cannot read", impl_->path);
  }
  return batch;
}

Error ParquetRows::wrong(const std::string& name, std::string_view why) const {
  return {ErrorCode::invalid, fmt::format("{}: column \"{}\" {}", impl_->path.string(), excerpt(name), why),
          name};
}

Result<std::shared_ptr<arrow::Array>> ParquetRows::column(const arrow::RecordBatch& batch,
                                                          const std::string& name) const {
  auto found = batch.GetColumnByName(name);
  if (found == nullptr) return wrong(name, "is missing, or there are two of it");
  return found;
}

Result<std::shared_ptr<arrow::Array>> ParquetRows::cast(const std::shared_ptr<arrow::Array>& array,
                                                        bool to_integers, const std::string& name) const {
  const arrow::DataType& type = *array->type();
  const bool fits = holds_numbers(type) || (to_integers && holds_times(type));
  if (!fits) return wrong(name, "holds no numbers, but " + type.ToString());
  const auto attempt = [&]() -> arrow::Result<std::shared_ptr<arrow::Array>> {
    auto options = arrow::compute::CastOptions::Unsafe();
    std::shared_ptr<arrow::Array> from = array;
    if (holds_times(type)) {
      ARROW_ASSIGN_OR_RAISE(from,
                            arrow::compute::Cast(*from, arrow::timestamp(arrow::TimeUnit::MILLI), options));
    }
    return arrow::compute::Cast(*from, to_integers ? arrow::int64() : arrow::float64(), options);
  }();
  if (!attempt.ok()) return arrow_error(attempt.status(), "cannot read", impl_->path);
  return *attempt;
}

Result<std::shared_ptr<arrow::DoubleArray>> ParquetRows::doubles(const arrow::RecordBatch& batch,
                                                                 const std::string& name) const {
  WINNOW_TRY(const auto raw, column(batch, name));
  WINNOW_TRY(const auto array, cast(raw, false, name));
  return std::static_pointer_cast<arrow::DoubleArray>(array);
}

Result<std::shared_ptr<arrow::Int64Array>> ParquetRows::integers(const arrow::RecordBatch& batch,
                                                                 const std::string& name) const {
  WINNOW_TRY(const auto raw, column(batch, name));
  WINNOW_TRY(const auto array, cast(raw, true, name));
  return std::static_pointer_cast<arrow::Int64Array>(array);
}

template <class Values>
Result<ParquetRows::Lists<Values>> ParquetRows::lists(const arrow::RecordBatch& batch,
                                                      const std::string& name, bool to_integers) const {
  WINNOW_TRY(const auto raw, column(batch, name));
  Lists<Values> out;
  std::shared_ptr<arrow::Array> values;
  if (raw->type_id() == arrow::Type::LIST) {
    const auto& list = static_cast<const arrow::ListArray&>(*raw);
    out.offsets = offsets_of(list);
    values = list.values();
  } else if (raw->type_id() == arrow::Type::LARGE_LIST) {
    const auto& list = static_cast<const arrow::LargeListArray&>(*raw);
    out.offsets = offsets_of(list);
    values = list.values();
  } else {
    return wrong(name, "holds no lists, but " + raw->type()->ToString());
  }
  WINNOW_TRY(const auto converted, cast(values, to_integers, name));
  out.values = std::static_pointer_cast<Values>(converted);
  return out;
}

Result<ParquetRows::Lists<arrow::DoubleArray>> ParquetRows::double_lists(const arrow::RecordBatch& batch,
                                                                         const std::string& name) const {
  return lists<arrow::DoubleArray>(batch, name, false);
}

Result<ParquetRows::Lists<arrow::Int64Array>> ParquetRows::integer_lists(const arrow::RecordBatch& batch,
                                                                         const std::string& name) const {
  return lists<arrow::Int64Array>(batch, name, true);
}

arrow::Status DescriptorStream::Close() {
  closed_ = true;
  return arrow::Status::OK();
}

arrow::Status DescriptorStream::Write(const void* data, std::int64_t bytes) {
  status_ = write_at(file_, static_cast<std::uint64_t>(at_),
                     {static_cast<const char*>(data), static_cast<std::size_t>(bytes)}, path_);
  if (!status_.ok()) return arrow::Status::IOError(status_.error().message);
  at_ += bytes;
  return arrow::Status::OK();
}

}  // namespace winnow

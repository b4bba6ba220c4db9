// What Arrow gives and throws, in this project's terms. Private to the room.
#pragma once

#include <arrow/array.h>
#include <arrow/io/interfaces.h>
#include <arrow/record_batch.h>
#include <arrow/result.h>
#include <arrow/status.h>

#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/file_descriptor.h"
#include "base/result.h"

namespace winnow {

Error arrow_error(const arrow::Status& status, std::string_view doing, const std::filesystem::path& path);

// The rows of a Parquet file, batch by batch.
class ParquetRows final {
 public:
  static Result<ParquetRows> open(const std::filesystem::path& path);
  ParquetRows(ParquetRows&&) noexcept;
  ParquetRows& operator=(ParquetRows&&) noexcept;
  ~ParquetRows();

  std::vector<std::string> columns() const;
  // Of the file's metadata; nothing when it is not there.
  std::optional<std::string> metadata(const std::string& key) const;

  // The next batch; null at the end.
  Result<std::shared_ptr<arrow::RecordBatch>> next();

  // A column of a batch as numbers of one type; nulls stay nulls. invalid when it is missing or has no
  // numbers.
  Result<std::shared_ptr<arrow::DoubleArray>> doubles(const arrow::RecordBatch& batch,
                                                      const std::string& name) const;
  // Also of times, in ms.
  Result<std::shared_ptr<arrow::Int64Array>> integers(const arrow::RecordBatch& batch,
                                                      const std::string& name) const;
  // A column of lists: the k-th list is values[offsets[k], offsets[k + 1]). A null list is empty.
  template <class Values>
  struct Lists {
    std::vector<std::int64_t> offsets;
    std::shared_ptr<Values> values;
  };
  Result<Lists<arrow::DoubleArray>> double_lists(const arrow::RecordBatch& batch,
                                                 const std::string& name) const;
  Result<Lists<arrow::Int64Array>> integer_lists(const arrow::RecordBatch& batch,
                                                 const std::string& name) const;

 private:
  struct Impl;
  explicit ParquetRows(std::unique_ptr<Impl> impl);
  Result<std::shared_ptr<arrow::Array>> column(const arrow::RecordBatch& batch,
                                               const std::string& name) const;
  Result<std::shared_ptr<arrow::Array>> cast(const std::shared_ptr<arrow::Array>& array, bool to_integers,
                                             const std::string& name) const;
  template <class Values>
  Result<Lists<Values>> lists(const arrow::RecordBatch& batch, const std::string& name,
                              bool to_integers) const;
  Error wrong(const std::string& name, std::string_view why) const;
  std::unique_ptr<Impl> impl_;
};

// Writes behind each other into a file that is open.
class DescriptorStream final : public arrow::io::OutputStream {
 public:
  DescriptorStream(const FileDescriptor& file, std::filesystem::path path)
      : file_(file), path_(std::move(path)) {}
  arrow::Status Close() override;
  bool closed() const override { return closed_; }
  arrow::Result<std::int64_t> Tell() const override { return at_; }
  arrow::Status Write(const void* data, std::int64_t bytes) override;
  // What kept it from being written, as this project says it.
  const Status& status() const { return status_; }

 private:
  const FileDescriptor& file_;
  std::filesystem::path path_;
  std::int64_t at_ = 0;
  bool closed_ = false;
  Status status_;
};

}  // namespace winnow

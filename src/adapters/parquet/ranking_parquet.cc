#include "adapters/parquet/ranking_parquet.h"

#include <arrow/builder.h>
#include <arrow/util/key_value_metadata.h>
#include <fmt/format.h>
#include <parquet/arrow/writer.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <set>
#include <utility>

#include "adapters/parquet/arrow_file.h"
#include "base/file.h"
#include "base/text.h"

namespace winnow {

namespace {

constexpr std::size_t kRowsAtOnce = 64 << 10;
constexpr std::string_view kLabel = "label:";
constexpr const char* kNegativesKept = "winnow.negatives_kept";

std::shared_ptr<arrow::Schema> schema_of(const RankingSet& set) {
  arrow::FieldVector fields = {arrow::field("group", arrow::int64(), false),
                               arrow::field("time", arrow::timestamp(arrow::TimeUnit::MILLI, "UTC"), false),
                               arrow::field("weight", arrow::float32(), false)};
  for (const std::string& head : set.heads) {
    fields.push_back(arrow::field(std::string(kLabel) + head, arrow::float32()));
  }
  for (const std::string& feature : set.features) fields.push_back(arrow::field(feature, arrow::float32()));
  return arrow::schema(fields,
                       arrow::key_value_metadata({kNegativesKept}, {fmt::format("{}", set.negatives_kept)}));
}

Status check_names(const RankingSet& set) {
  std::set<std::string> names = {"group", "time", "weight"};
  std::vector<std::string> all;
  for (const std::string& head : set.heads) all.push_back(std::string(kLabel) + head);
  all.insert(all.end(), set.features.begin(), set.features.end());
  for (const std::string& name : all) {
    if (names.insert(name).second) continue;
    return Error{ErrorCode::invalid,
                 fmt::format("there are two columns \"{}\": rename the feature", excerpt(name)), name};
  }
  return {};
}

// Column `column` of a row-major table of `width` columns; NaN becomes null.
arrow::Result<std::shared_ptr<arrow::Array>> floats(const std::vector<float>& table, std::size_t width,
                                                    std::size_t column, std::size_t first,
                                                    std::size_t count) {
  arrow::FloatBuilder builder;
  ARROW_RETURN_NOT_OK(builder.Reserve(static_cast<std::int64_t>(count)));
  for (std::size_t r = first; r < first + count; ++r) {
    const float value = table[r * width + column];
    if (std::isnan(value)) {
      builder.UnsafeAppendNull();
    } else {
      builder.UnsafeAppend(value);
    }
  }
  return builder.Finish();
}

arrow::Result<std::shared_ptr<arrow::RecordBatch>> rows_of(const RankingSet& set,
                                                           const std::shared_ptr<arrow::Schema>& schema,
                                                           std::size_t first, std::size_t count) {
  arrow::Int64Builder groups;
  arrow::TimestampBuilder times(schema->field(1)->type(), arrow::default_memory_pool());
  auto group = std::ranges::upper_bound(set.groups, first) - set.groups.begin() - 1;
  for (std::size_t r = first; r < first + count; ++r) {
    while (r >= set.groups[static_cast<std::size_t>(group) + 1]) ++group;
    ARROW_RETURN_NOT_OK(groups.Append(group));
    ARROW_RETURN_NOT_OK(times.Append(set.time_ms[static_cast<std::size_t>(group)]));
  }
  arrow::ArrayVector columns(2);
  ARROW_ASSIGN_OR_RAISE(columns[0], groups.Finish());
  ARROW_ASSIGN_OR_RAISE(columns[1], times.Finish());
  const auto add = [&](const std::vector<float>& table, std::size_t width) -> arrow::Status {
    for (std::size_t c = 0; c < width; ++c) {
      ARROW_ASSIGN_OR_RAISE(auto column, floats(table, width, c, first, count));
      columns.push_back(std::move(column));
    }
    return arrow::Status::OK();
  };
  ARROW_RETURN_NOT_OK(add(set.weights, 1));
  ARROW_RETURN_NOT_OK(add(set.labels, set.heads.size()));
  ARROW_RETURN_NOT_OK(add(set.values, set.features.size()));
  return arrow::RecordBatch::Make(schema, static_cast<std::int64_t>(count), std::move(columns));
}

arrow::Status write_rows(const RankingSet& set, const std::shared_ptr<arrow::io::OutputStream>& out) {
  const auto schema = schema_of(set);
  const auto properties = parquet::WriterProperties::Builder().compression(arrow::Compression::ZSTD)->build();
  const auto keep_schema = parquet::ArrowWriterProperties::Builder().store_schema()->build();
  ARROW_ASSIGN_OR_RAISE(auto writer, parquet::arrow::FileWriter::Open(*schema, arrow::default_memory_pool(),
                                                                      out, properties, keep_schema));
  for (std::size_t first = 0; first < set.rows(); first += kRowsAtOnce) {
    ARROW_ASSIGN_OR_RAISE(const auto batch,
                          rows_of(set, schema, first, std::min(kRowsAtOnce, set.rows() - first)));
    ARROW_RETURN_NOT_OK(writer->NewBufferedRowGroup());
    ARROW_RETURN_NOT_OK(writer->WriteRecordBatch(*batch));
  }
  return writer->Close();
}

float number(const arrow::DoubleArray& column, std::int64_t r) {
  return column.IsNull(r) ? std::numeric_limits<float>::quiet_NaN() : static_cast<float>(column.Value(r));
}

// Gathers the batches of a file into a set.
class SetReader final {
 public:
  SetReader(const ParquetRows& file, RankingSet& set) : file_(file), set_(set) {
    for (const std::string& name : file.columns()) {
      if (name == "group") continue;
      if (name == "time") {
        has_time_ = true;
      } else if (name == "weight") {
        has_weight_ = true;
      } else if (name.starts_with(kLabel)) {
        labels_.push_back(name);
        set.heads.push_back(name.substr(kLabel.size()));
      } else {
        set.features.push_back(name);
      }
    }
  }

  Status add(const arrow::RecordBatch& batch) {
    WINNOW_TRY(const auto groups, file_.integers(batch, "group"));
    std::shared_ptr<arrow::Int64Array> times;
    if (has_time_) {
      WINNOW_TRY(times, file_.integers(batch, "time"));
    }
    for (std::int64_t r = 0; r < batch.num_rows(); ++r) {
      WINNOW_RETURN_IF_ERROR(add_group(groups->Value(r), times ? times->Value(r) : 0));
    }
    if (has_weight_) {
      WINNOW_RETURN_IF_ERROR(append(batch, {"weight"}, set_.weights));
    } else {
      set_.weights.resize(set_.weights.size() + static_cast<std::size_t>(batch.num_rows()), 1.0f);
    }
    WINNOW_RETURN_IF_ERROR(append(batch, labels_, set_.labels));
    return append(batch, set_.features, set_.values);
  }

 private:
  // A row of group `number`: of the last group, or of one that was not there before.
  Status add_group(std::int64_t number, TimestampMs time_ms) {
    if (set_.groups.size() > 1 && number == last_) {
      ++set_.groups.back();
      return {};
    }
    if (!seen_.insert(number).second) {
      return Error{
          ErrorCode::invalid,
          fmt::format("column \"group\": the rows of group {} do not lie together: sort by it", number),
          "group"};
    }
    last_ = number;
    set_.groups.push_back(set_.groups.back() + 1);
    set_.time_ms.push_back(time_ms);
    return {};
  }

  Status append(const arrow::RecordBatch& batch, const std::vector<std::string>& names,
                std::vector<float>& table) {
    const std::size_t width = names.size();
    const std::size_t first = table.size();
    table.resize(first + width * static_cast<std::size_t>(batch.num_rows()));
    for (std::size_t c = 0; c < width; ++c) {
      WINNOW_TRY(const auto column, file_.doubles(batch, names[c]));
      for (std::int64_t r = 0; r < batch.num_rows(); ++r) {
        table[first + static_cast<std::size_t>(r) * width + c] = number(*column, r);
      }
    }
    return {};
  }

  const ParquetRows& file_;
  RankingSet& set_;
  std::vector<std::string> labels_;
  std::set<std::int64_t> seen_;
  std::int64_t last_ = 0;
  bool has_time_ = false;
  bool has_weight_ = false;
};

}  // namespace

bool has_parquet() { return true; }

Status write_parquet(const RankingSet& set, const std::filesystem::path& path) {
  WINNOW_RETURN_IF_ERROR(set.check());
  WINNOW_RETURN_IF_ERROR(check_names(set));
  return write_file_atomically(path, [&](const FileDescriptor& file) -> Status {
    const auto out = std::make_shared<DescriptorStream>(file, path);
    const arrow::Status written = write_rows(set, out);
    if (!out->status().ok()) return out->status();
    return written.ok() ? Status() : Status(arrow_error(written, "cannot write", path));
  });
}

Result<RankingSet> read_parquet(const std::filesystem::path& path) {
  WINNOW_TRY(ParquetRows file, ParquetRows::open(path));
  RankingSet set;
  SetReader reader(file, set);
  for (;;) {
    WINNOW_TRY(const auto batch, file.next());
    if (batch == nullptr) break;
    WINNOW_RETURN_IF_ERROR(reader.add(*batch));
  }
  if (const auto kept = file.metadata(kNegativesKept)) {
    set.negatives_kept = parse_double(*kept).value_or(std::nan(""));
  }
  WINNOW_RETURN_IF_ERROR(set.check());
  return set;
}

}  // namespace winnow

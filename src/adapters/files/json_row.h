// A line of JSONL, read into a record through its builder.
//
// Keys are taken as the columns of a CSV file are, by name and alias. Strings give their text, numbers and
// booleans their JSON text, arrays make lists; null is nothing. A key that no name fits becomes a free
// attribute of an item or a user. The whole line is checked as JSON, duplicate fields included.
#pragma once

#include <simdjson.h>

#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "adapters/files/record_builder.h"
#include "adapters/files/stream_window.h"

namespace winnow {

class JsonRowReader final {
 public:
  JsonRowReader(RecordKind kind, std::vector<ColumnMapping> mapping)
      : kind_(kind), mapping_(std::move(mapping)) {}

  // `line` is followed by StreamWindow::kPaddingBytes readable bytes.
  template <class Builder>
  Result<typename Builder::Record> read(std::string_view line, const BuildRules& rules) {
    Builder builder(rules);
    WINNOW_TRY(const auto fields, fields_of(line));
    for (const JsonField& field : fields) {
      if (field.is_attribute) {
        builder.set_attribute(field.column->name, std::string(field.text));
      } else {
        WINNOW_RETURN_IF_ERROR(builder.set(*field.column, field.text));
      }
    }
    return builder.finish();
  }

 private:
  struct JsonField {
    const FileColumn* column;
    std::string_view text;      // into the line or the parser
    bool is_attribute = false;  // `text` is JSON, and the column's name the attribute's
  };
  Result<std::vector<JsonField>> fields_of(std::string_view line);
  Result<const FileColumn*> column_named(std::string_view key);
  Result<std::string_view> text_of(const FileColumn& column, simdjson::ondemand::value& value) const;

  RecordKind kind_;
  std::vector<ColumnMapping> mapping_;
  std::unordered_map<std::string, FileColumn, StringHash, std::equal_to<>> columns_;  // by key, as met
  simdjson::ondemand::parser parser_;
  std::deque<FileColumn> line_columns_;  // of this line's attributes
};

// The keys of a line that is a JSON object; nothing for anything else.
std::optional<std::vector<std::string>> json_keys(std::string_view line);

}  // namespace winnow

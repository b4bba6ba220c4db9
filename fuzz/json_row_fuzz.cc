// A line of JSONL as each kind of record. What is read is valid, and written out it is read back the same.
#include <cstdint>
#include <string>

#include "adapters/files/json_records.h"
#include "adapters/files/json_row.h"
#include "base/check.h"

namespace winnow {
namespace {

template <class Builder>
void round_trip(std::string_view line) {
  BuildRules rules;
  rules.now_ms = 4'000'000'000'000;
  rules.time_unit = TimeUnit::milliseconds;
  rules.limits.max_context_bytes = std::size_t{1} << 30;
  JsonRowReader reader(Builder::kKind, {});
  const auto record = reader.read<Builder>(line, rules);
  if (!record.ok()) return;
  std::string text;
  append_json_line(text, *record);
  text.pop_back();
  const std::size_t size = text.size();
  text.resize(size + StreamWindow::kPaddingBytes);
  const auto again = reader.read<Builder>(std::string_view(text).substr(0, size), rules);
  WINNOW_CHECK(again.ok());
  std::string twice;
  append_json_line(twice, *again);
  WINNOW_CHECK(std::string_view(twice).substr(0, size) == std::string_view(text).substr(0, size));
}

}  // namespace
}  // namespace winnow

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string text(reinterpret_cast<const char*>(data), size);
  text.resize(size + winnow::StreamWindow::kPaddingBytes);
  const std::string_view line = std::string_view(text).substr(0, size);
  winnow::round_trip<winnow::ItemBuilder>(line);
  winnow::round_trip<winnow::UserBuilder>(line);
  winnow::round_trip<winnow::EventBuilder>(line);
  return 0;
}

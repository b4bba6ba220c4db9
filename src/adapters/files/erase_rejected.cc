#include "adapters/files/erase_rejected.h"

#include <algorithm>
#include <string>
#include <system_error>

#include "adapters/files/rejection.h"
#include "base/file.h"
#include "base/text.h"

namespace winnow {

namespace {

bool is_word(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return byte >= 0x80 || (byte >= '0' && byte <= '9') || (byte >= 'a' && byte <= 'z') ||
         (byte >= 'A' && byte <= 'Z');
}

// `name` stands in the line with no letter or digit next to it.
bool mentions(std::string_view line, std::string_view name) {
  for (std::size_t at = line.find(name); at != std::string_view::npos; at = line.find(name, at + 1)) {
    const std::size_t end = at + name.size();
    const bool starts = at == 0 || !is_word(name.front()) || !is_word(line[at - 1]);
    const bool ends = end == line.size() || !is_word(name.back()) || !is_word(line[end]);
    if (starts && ends) return true;
  }
  return false;
}

// A long row ends somewhere within its text: what it would have gone on with may be the rest of the name.
bool may_be_cut_within(std::string_view line, std::string_view name) {
  if (line.size() < kMaxRejectedRowBytes) return false;
  const std::string_view end = line.substr(line.size() - std::min(line.size(), name.size() + 16));
  for (std::size_t length = name.size() - 1; length >= 3; --length) {
    if (end.find(name.substr(0, length)) != std::string_view::npos) return true;
  }
  return false;
}

}  // namespace

Result<std::uint64_t> erase_rejected(const std::filesystem::path& folder, std::string_view user_id) {
  std::uint64_t removed = 0;
  if (user_id.empty()) return removed;
  // As it stands within the quotes of a line.
  std::string quoted;
  append_json_quoted(quoted, user_id);
  const std::string_view name = std::string_view(quoted).substr(1, quoted.size() - 2);
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator(folder, error)) {
    if (entry.path().extension() != ".jsonl") continue;
    WINNOW_TRY(const std::string text, read_file(entry.path()));
    std::string kept;
    std::uint64_t lines = 0;
    for (std::size_t begin = 0; begin < text.size();) {
      const std::size_t end = std::min(text.find('\n', begin), text.size());
      const std::string_view line = std::string_view(text).substr(begin, end - begin);
      begin = end + 1;
      if (mentions(line, name) || may_be_cut_within(line, name)) {
        ++lines;
      } else {
        kept.append(line).push_back('\n');
      }
    }
    if (lines == 0) continue;
    removed += lines;
    if (!kept.empty()) {
      WINNOW_RETURN_IF_ERROR(write_file_atomically(entry.path(), kept));
    } else if (!std::filesystem::remove(entry.path(), error)) {
      return file_error(error.value(), "cannot remove", entry.path());
    }
  }
  return removed;
}

}  // namespace winnow

#include "adapters/files/rejects_file.h"

#include <fmt/format.h>
#include <simdjson.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>

#include "adapters/files/row_reader.h"
#include "base/file.h"
#include "base/text.h"

namespace winnow {

namespace {

std::string line_of(const Rejection& rejection) {
  std::string line = fmt::format(R"({{"file":{},"line":{})",
                                 json_quoted(excerpt(rejection.file.string(), 4096)), rejection.line);
  if (!rejection.error.field.empty())
    line += fmt::format(R"(,"field":{})", json_quoted(rejection.error.field));
  line += fmt::format(R"(,"reason":{},"row":{}}})", json_quoted(rejection.error.message),
                      json_quoted(rejection.row));
  line.push_back('\n');
  return line;
}

// The lines of an earlier import that still hold.
Result<std::string> kept_lines(const std::filesystem::path& path, const RejectsFile::DoneLines& done) {
  std::string kept;
  WINNOW_TRY(ByteSource source, ByteSource::open(path));
  RowReader lines(std::move(source), {.whole_lines = true});
  simdjson::dom::parser parser;
  for (;;) {
    WINNOW_TRY(const auto line, lines.next());
    if (!line) return kept;
    std::string_view file;
    std::uint64_t number = 0;
    simdjson::dom::element element;
    // A line cut by a crash, or one that is not ours, is left out.
    if (!line->problem.empty() || parser.parse(line->text.data(), line->text.size()).get(element) ||
        element["file"].get(file) || element["line"].get(number)) {
      continue;
    }
    const auto found = done.find(std::string(file));
    if (found == done.end() || number >= found->second) continue;
    kept.append(line->text);
    kept.push_back('\n');
  }
}

}  // namespace

Result<RejectsFile> RejectsFile::open(const std::filesystem::path& path, const DoneLines& done) {
  RejectsFile rejects(path);
  std::error_code error;
  if (path.empty() || !std::filesystem::exists(path, error)) return rejects;
  WINNOW_TRY(const std::string kept, kept_lines(path, done));
  if (kept.empty()) {
    std::filesystem::remove(path, error);
    if (error) return file_error(error.value(), "cannot replace", path);
  } else {
    WINNOW_RETURN_IF_ERROR(write_file_atomically(path, kept));
  }
  return rejects;
}

Status RejectsFile::add(const std::vector<Rejection>& rejections) {
  if (rejections.empty() || path_.empty()) return {};
  if (!file_) {
    if (path_.has_parent_path()) WINNOW_RETURN_IF_ERROR(make_directories(path_.parent_path()));
    file_.reset(std::fopen(path_.c_str(), "ae"));
    if (!file_) return file_error(errno, "cannot write the rejected rows to", path_);
  }
  for (const Rejection& rejection : rejections) {
    const std::string line = line_of(rejection);
    if (std::fwrite(line.data(), 1, line.size(), file_.get()) != line.size()) {
      return file_error(errno, "cannot write the rejected rows to", path_);
    }
  }
  if (std::fflush(file_.get()) != 0) return file_error(errno, "cannot write the rejected rows to", path_);
  return {};
}

}  // namespace winnow

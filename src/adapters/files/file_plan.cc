#include "adapters/files/file_plan.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <system_error>

#include "adapters/files/json_row.h"
#include "adapters/files/movielens.h"
#include "base/file.h"
#include "base/text.h"

namespace winnow {

namespace {

constexpr std::string_view kKnownLayouts =
    "known are MovieLens folders (ratings.csv and movies.csv; ratings.dat and movies.dat; u.data and u.item) "
    "and "
    "*.csv, *.tsv, *.jsonl, *.ndjson files of items, users or events, each also as .gz";

bool is_data_file(const std::filesystem::path& path) {
  std::filesystem::path name = path.filename();
  if (name.extension() == ".gz") name = name.stem();
  const std::string ending = name.extension().string();
  return ending == ".csv" || ending == ".tsv" || ending == ".jsonl" || ending == ".ndjson";
}

// The separator that the header has most of, outside quotes; a comma when it has none.
std::string separator_of(std::string_view header) {
  static constexpr std::string_view kSeparators = ",;\t|";
  std::size_t counts[4] = {};
  bool quoted = false;
  for (const char c : header) {
    if (c == '"') quoted = !quoted;
    const std::size_t which = kSeparators.find(c);
    if (!quoted && which != std::string_view::npos) ++counts[which];
  }
  const auto best = std::max_element(std::begin(counts), std::end(counts)) - std::begin(counts);
  return std::string(1, kSeparators[static_cast<std::size_t>(best)]);
}

struct Header {
  bool json = false;
  std::string separator;
  std::vector<std::string> names;
};

// The columns of a delimited file, or the keys of the first line of a JSONL file.
Result<Header> read_header(const std::filesystem::path& path, const ReadOptions& options) {
  std::string first_line;
  {
    WINNOW_TRY(ByteSource source, ByteSource::open(path));
    RowReader lines(std::move(source), {.whole_lines = true, .max_row_bytes = options.max_row_bytes});
    WINNOW_TRY(const auto line, lines.next());
    if (!line) {
      return Error{ErrorCode::invalid,
                   fmt::format("{} is empty: give a file with a header, or JSON lines", path.string())};
    }
    if (!line->problem.empty()) {
      return Error{ErrorCode::too_large,
                   fmt::format("the first line of {} is over {} bytes: is it a CSV or JSONL file?",
                               path.string(), options.max_row_bytes)};
    }
    first_line = trim(line->text);
  }
  if (first_line.starts_with('[')) {
    return Error{
        ErrorCode::unsupported,
        fmt::format("{} holds a JSON array: write one object a line, such as by jq -c '.[]'", path.string())};
  }
  if (first_line.starts_with('{')) {
    auto keys = json_keys(first_line);
    // A broken first line is a rejected row, not a broken file; only the kind cannot be told by it.
    return Header{
        .json = true, .separator = {}, .names = keys ? std::move(*keys) : std::vector<std::string>{}};
  }
  Header header{.json = false, .separator = options.separator, .names = {}};
  if (header.separator.empty()) header.separator = separator_of(first_line);
  WINNOW_TRY(ByteSource source, ByteSource::open(path));
  RowReader rows(std::move(source), {.separator = header.separator, .max_row_bytes = options.max_row_bytes});
  WINNOW_TRY(const auto row, rows.next());
  if (!row || !row->problem.empty()) {
    return Error{ErrorCode::invalid, fmt::format("the header of {} is broken: {}", path.string(),
                                                 row ? row->problem : std::string_view("it is empty"))};
  }
  for (const std::string_view name : row->fields) {
    if (!is_utf8(name) || name.find('\0') != std::string_view::npos) {
      return Error{ErrorCode::invalid,
                   fmt::format("{} is no text in UTF-8: give a CSV or JSONL file, plain or packed "
                               "by gzip",
                               path.string())};
    }
    header.names.emplace_back(trim(name));
  }
  return header;
}

Result<FilePlan> plan_table(const std::filesystem::path& path, const ReadOptions& options,
                            std::set<std::string>& columns_met) {
  WINNOW_TRY(const Header header, read_header(path, options));
  columns_met.insert(header.names.begin(), header.names.end());
  std::optional<RecordKind> kind = options.kind;
  if (!kind) kind = kind_of_name(path.filename().string());
  if (!kind) {
    // A mapping speaks through the names it gives.
    std::vector<std::string> names = header.names;
    for (const ColumnMapping& given : options.mapping)
      std::replace(names.begin(), names.end(), given.column, given.field);
    kind = kind_of_header(names);
  }
  if (!kind) {
    return Error{
        ErrorCode::invalid,
        fmt::format(
            "cannot tell whether {} holds items, users or events (columns: {}): say which by --kind, or "
            "name the columns as the HTTP API does",
            path.string(), excerpt(fmt::format("{}", fmt::join(header.names, ", ")), 200)),
        "kind"};
  }
  FilePlan plan;
  plan.path = path;
  plan.kind = *kind;
  plan.format = {.separator = header.json ? "," : header.separator,
                 .quotes = true,
                 .whole_lines = header.json,
                 .max_row_bytes = options.max_row_bytes};
  if (header.json) {
    // Lines may differ, so missing fields are for the rows to answer for; a wrong mapping is wrong for all.
    for (const ColumnMapping& given : options.mapping) {
      WINNOW_TRY(const auto checked, resolve_columns(*kind, std::span(&given.column, 1), options.mapping));
      static_cast<void>(checked);
      columns_met.insert(given.column);
    }
    return plan;
  }
  plan.has_header = true;
  auto columns = resolve_columns(*kind, header.names, options.mapping);
  if (!columns.ok()) return while_doing(path.string(), std::move(columns).error());
  plan.columns = std::move(columns).value();
  const Status usable = check_columns(*kind, plan.columns, options.rules.default_action.has_value());
  if (!usable.ok()) return while_doing(path.string(), usable.error());
  return plan;
}

Result<std::vector<std::filesystem::path>> data_files_of(const std::filesystem::path& folder) {
  std::vector<std::filesystem::path> files;
  std::error_code error;
  for (std::filesystem::directory_iterator entry(folder, error), end; !error && entry != end;
       entry.increment(error)) {
    std::error_code ignored;
    if (entry->is_regular_file(ignored) && is_data_file(entry->path())) files.push_back(entry->path());
  }
  if (error) return file_error(error.value(), "cannot list", folder);
  std::sort(files.begin(), files.end());
  return files;
}

}  // namespace

Result<std::vector<FilePlan>> plan_files(std::span<const std::filesystem::path> paths,
                                         const ReadOptions& options) {
  if (paths.empty())
    return Error{ErrorCode::invalid, "no file was named: name files or folders to read", "path"};
  if (!options.separator.empty() &&
      (options.separator.size() > 1 || options.separator.find_first_of("\"\r\n") == 0)) {
    return Error{
        ErrorCode::invalid,
        fmt::format("\"{}\" cannot separate columns: give one character", excerpt(options.separator)),
        "separator"};
  }
  std::vector<FilePlan> plans;
  std::set<std::string> columns_met;
  for (const std::filesystem::path& path : paths) {
    std::error_code error;
    const auto status = std::filesystem::status(path, error);
    if (!std::filesystem::exists(status)) {
      return Error{ErrorCode::not_found, fmt::format("{} does not exist: check the path", path.string()),
                   "path"};
    }
    if (!std::filesystem::is_directory(status)) {
      WINNOW_TRY(auto film_file, plan_movielens_file(path, options));
      if (film_file) {
        plans.push_back(std::move(*film_file));
        continue;
      }
      WINNOW_TRY(auto plan, plan_table(path, options, columns_met));
      plans.push_back(std::move(plan));
      continue;
    }
    if (std::filesystem::exists(path / "manifest.json", error)) {
      return Error{ErrorCode::invalid,
                   fmt::format("{} is a dump of a store: bring it back by winnow restore", path.string()),
                   "path"};
    }
    WINNOW_TRY(auto movielens, plan_movielens_folder(path, options));
    if (movielens) {
      for (FilePlan& plan : *movielens) plans.push_back(std::move(plan));
      continue;
    }
    WINNOW_TRY(const auto files, data_files_of(path));
    if (files.empty()) {
      return Error{ErrorCode::invalid,
                   fmt::format("{} holds no file to read: {}", path.string(), kKnownLayouts), "path"};
    }
    for (const auto& file : files) {
      WINNOW_TRY(auto plan, plan_table(file, options, columns_met));
      plans.push_back(std::move(plan));
    }
  }
  for (const ColumnMapping& given : options.mapping) {
    if (columns_met.contains(given.column)) continue;
    const std::vector<std::string> known(columns_met.begin(), columns_met.end());
    const auto suggestion = nearest(given.column, known);
    return Error{ErrorCode::invalid,
                 fmt::format("no file has the column \"{}\" of the mapping{}", excerpt(given.column),
                             suggestion ? fmt::format(": did you mean {}?", excerpt(*suggestion))
                                        : ": check its name"),
                 "mapping"};
  }
  std::stable_sort(plans.begin(), plans.end(),
                   [](const FilePlan& a, const FilePlan& b) { return a.kind < b.kind; });
  return plans;
}

}  // namespace winnow

#include "adapters/files/movielens.h"

#include <fmt/format.h>

#include <algorithm>
#include <system_error>

#include "base/text.h"

namespace winnow {

namespace {

// `folder/name`, or the same packed; nothing when neither is there.
std::optional<std::filesystem::path> file_in(const std::filesystem::path& folder, std::string_view name) {
  std::error_code ignored;
  for (const std::string_view ending : {"", ".gz"}) {
    const std::filesystem::path path = folder / (std::string(name) + std::string(ending));
    if (std::filesystem::is_regular_file(path, ignored)) return path;
  }
  return std::nullopt;
}

FilePlan plan_of(const std::filesystem::path& path, RecordKind kind, std::string separator,
                 const ReadOptions& options, std::vector<FileColumn> columns) {
  return FilePlan{.path = path,
                  .kind = kind,
                  .format = {.separator = std::move(separator),
                             .quotes = false,
                             .whole_lines = false,
                             .max_row_bytes = options.max_row_bytes},
                  .has_header = false,
                  .columns = std::move(columns),
                  .may_be_latin1 = true,
                  .tags = {},
                  .links = {}};
}

std::vector<FileColumn> rating_columns() {
  return {{"user_id", Field::user_id},
          {"item_id", Field::item_id},
          {"rating", Field::rating},
          {"timestamp", Field::timestamp}};
}

// u.item: five fields, then a flag for every genre in the order of u.genre.
Result<std::vector<FileColumn>> film_columns_of_100k(const std::filesystem::path& folder) {
  std::vector<std::string> genres = {"unknown",   "Action",   "Adventure",   "Animation", "Children's",
                                     "Comedy",    "Crime",    "Documentary", "Drama",     "Fantasy",
                                     "Film-Noir", "Horror",   "Musical",     "Mystery",   "Romance",
                                     "Sci-Fi",    "Thriller", "War",         "Western"};
  if (const auto path = file_in(folder, "u.genre")) {
    WINNOW_TRY(ByteSource source, ByteSource::open(*path));
    RowReader rows(std::move(source), {.separator = "|", .quotes = false});
    genres.clear();
    for (;;) {
      WINNOW_TRY(const auto row, rows.next());
      if (!row) break;
      if (!row->fields.empty()) genres.emplace_back(trim(row->fields[0]));
    }
  }
  std::vector<FileColumn> columns = {{"movie id", Field::id},
                                     {"title", Field::title},
                                     {"release date", Field::created_at},
                                     {"video release date", Field::ignored},
                                     {"imdb_url", Field::attribute}};
  for (const std::string& genre : genres) {
    columns.push_back({genre, genre == "unknown" ? Field::ignored : Field::category_flag});
  }
  return columns;
}

}  // namespace

Result<std::optional<FilePlan>> plan_movielens_file(const std::filesystem::path& path,
                                                    const ReadOptions& options) {
  std::string name = path.filename().string();
  if (name.ends_with(".gz")) name.resize(name.size() - 3);
  const auto plan = [&](RecordKind kind, std::string separator, std::vector<FileColumn> columns) {
    return std::optional(plan_of(path, kind, std::move(separator), options, std::move(columns)));
  };
  if (name == "u.data") return plan(RecordKind::events, "\t", rating_columns());
  if (name == "u.item") {
    WINNOW_TRY(auto columns, film_columns_of_100k(path.parent_path()));
    return plan(RecordKind::items, "|", std::move(columns));
  }
  if (name == "u.user") {
    return plan(RecordKind::users, "|",
                {{"user id", Field::id},
                 {"age", Field::age},
                 {"gender", Field::attribute},
                 {"occupation", Field::attribute},
                 {"zip_code", Field::attribute}});
  }
  if (name == "ratings.dat") return plan(RecordKind::events, "::", rating_columns());
  if (name == "movies.dat") {
    return plan(RecordKind::items,
                "::", {{"id", Field::id}, {"title", Field::title}, {"genres", Field::categories}});
  }
  if (name == "users.dat") {
    return plan(RecordKind::users, "::",
                {{"id", Field::id},
                 {"gender", Field::attribute},
                 {"age", Field::age},
                 {"occupation", Field::attribute},
                 {"zip_code", Field::attribute}});
  }
  return std::optional<FilePlan>{};
}

Result<std::optional<std::vector<FilePlan>>> plan_movielens_folder(const std::filesystem::path& folder,
                                                                   const ReadOptions& options) {
  static constexpr std::string_view kLayouts[][3] = {{"u.data", "u.item", "u.user"},
                                                     {"ratings.dat", "movies.dat", "users.dat"}};
  for (const auto& layout : kLayouts) {
    if (!file_in(folder, layout[0])) continue;
    std::vector<FilePlan> plans;
    for (const std::string_view name : layout) {
      const auto path = file_in(folder, name);
      if (!path) continue;
      WINNOW_TRY(auto plan, plan_movielens_file(*path, options));
      plans.push_back(std::move(*plan));
    }
    return std::optional(std::move(plans));
  }
  const auto ratings = file_in(folder, "ratings.csv");
  const auto movies = file_in(folder, "movies.csv");
  if (!ratings || !movies) return std::optional<std::vector<FilePlan>>{};

  const auto plan_csv = [&](const std::filesystem::path& path, RecordKind kind,
                            std::vector<std::string> header) -> Result<FilePlan> {
    WINNOW_TRY(auto columns, resolve_columns(kind, header, {}));
    FilePlan plan = plan_of(path, kind, ",", options, std::move(columns));
    plan.format.quotes = true;
    plan.has_header = true;
    return plan;
  };
  WINNOW_TRY(FilePlan films, plan_csv(*movies, RecordKind::items, {"movieId", "title", "genres"}));
  WINNOW_TRY(FilePlan events,
             plan_csv(*ratings, RecordKind::events, {"userId", "movieId", "rating", "timestamp"}));
  films.tags = file_in(folder, "tags.csv").value_or("");
  films.links = file_in(folder, "links.csv").value_or("");
  std::vector<FilePlan> plans;
  plans.push_back(std::move(films));
  plans.push_back(std::move(events));
  return std::optional(std::move(plans));
}

void FilmNotes::reject(const std::filesystem::path& file, const Row& row, Error error) {
  rejections_.push_back(rejection_of(file, row, std::move(error)));
}

Result<FilmNotes> FilmNotes::load(const std::filesystem::path& tags, const std::filesystem::path& links,
                                  const ReadOptions& options) {
  FilmNotes notes;
  if (!tags.empty()) WINNOW_RETURN_IF_ERROR(notes.load_tags(tags, options));
  if (!links.empty()) WINNOW_RETURN_IF_ERROR(notes.load_links(links, options));
  return notes;
}

// userId,movieId,tag,timestamp. Tags are compared in lower case.
Status FilmNotes::load_tags(const std::filesystem::path& path, const ReadOptions& options) {
  Numbers words;
  std::vector<std::pair<std::uint32_t, std::uint32_t>> given;  // film, word
  WINNOW_TRY(ByteSource source, ByteSource::open(path));
  RowReader rows(std::move(source), {.max_row_bytes = options.max_row_bytes});
  const auto number_of = [](Numbers& numbers, std::string_view name) {
    if (const auto found = numbers.find(name); found != numbers.end()) return found->second;
    return numbers.emplace(std::string(name), static_cast<std::uint32_t>(numbers.size())).first->second;
  };
  for (bool first = true;; first = false) {
    WINNOW_TRY(const auto row, rows.next());
    if (!row) break;
    if (first) continue;  // the header
    if (!row->problem.empty() || row->fields.size() != 4) {
      reject(path, *row,
             {ErrorCode::invalid, row->problem.empty() ? "the row has not the 4 columns userId,movieId,tag,"
                                                         "timestamp"
                                                       : std::string(row->problem)});
      continue;
    }
    std::string tag = utf8_or_latin1(trim(row->fields[2]));
    for (char& c : tag) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c;
    if (const Status status = check_id(tag, "tag"); !status.ok()) {
      reject(path, *row, status.error());
      continue;
    }
    given.emplace_back(number_of(films_, row->fields[1]), number_of(words, tag));
  }

  std::vector<std::string_view> word_of(words.size());
  for (const auto& [word, number] : words) word_of[number] = word;
  std::sort(given.begin(), given.end());
  tags_of_film_.resize(films_.size());
  for (std::size_t i = 0; i < given.size();) {
    const std::uint32_t film = given[i].first;
    std::vector<std::pair<std::size_t, std::string_view>> counted;  // times given, tag
    while (i < given.size() && given[i].first == film) {
      const std::size_t begin = i;
      while (i < given.size() && given[i] == given[begin]) ++i;
      counted.emplace_back(i - begin, word_of[given[begin].second]);
    }
    std::sort(counted.begin(), counted.end(), [](const auto& a, const auto& b) {
      return a.first != b.first ? a.first > b.first : a.second < b.second;
    });
    if (counted.size() > kMaxTags) counted.resize(kMaxTags);
    for (const auto& entry : counted) tags_of_film_[film].emplace_back(entry.second);
  }
  return {};
}

// movieId,imdbId,tmdbId
Status FilmNotes::load_links(const std::filesystem::path& path, const ReadOptions& options) {
  WINNOW_TRY(ByteSource source, ByteSource::open(path));
  RowReader rows(std::move(source), {.max_row_bytes = options.max_row_bytes});
  for (bool first = true;; first = false) {
    WINNOW_TRY(const auto row, rows.next());
    if (!row) return {};
    if (first) continue;
    if (!row->problem.empty() || row->fields.size() != 3) {
      reject(path, *row,
             {ErrorCode::invalid, row->problem.empty() ? "the row has not the 3 columns movieId,imdbId,tmdbId"
                                                       : std::string(row->problem)});
      continue;
    }
    links_.insert_or_assign(std::string(row->fields[0]),
                            Links{utf8_or_latin1(row->fields[1]), utf8_or_latin1(row->fields[2])});
  }
}

void FilmNotes::add_to(Item& item) const {
  if (const auto film = films_.find(item.id); film != films_.end()) item.tags = tags_of_film_[film->second];
  if (const auto found = links_.find(item.id); found != links_.end()) {
    const Links& links = found->second;
    if (!links.imdb.empty())
      item.attributes["imdb_id"] = json_quoted(links.imdb);  // "0114709": zeros in front count
    if (!links.tmdb.empty()) item.attributes["tmdb_id"] = json_value_of(links.tmdb);
  }
}

}  // namespace winnow

// MovieLens in its three shapes (Harper and Konstan 2015, The MovieLens Datasets: History and Context).
//
// Ratings become events of the action "rating". Genres become categories, the tags that people gave become
// tags (the most frequent first), the ids of IMDb and TMDb attributes. Release dates are given by MovieLens
// 100K alone.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "adapters/files/file_plan.h"
#include "adapters/files/rejection.h"
#include "base/hash.h"

namespace winnow {

// The plan of a file that MovieLens names, wherever it lies; nothing for other names. Reads u.genre beside
// u.item.
Result<std::optional<FilePlan>> plan_movielens_file(const std::filesystem::path& path,
                                                    const ReadOptions& options);

// The files of a MovieLens folder; nothing when it is none.
Result<std::optional<std::vector<FilePlan>>> plan_movielens_folder(const std::filesystem::path& folder,
                                                                   const ReadOptions& options);

// tags.csv and links.csv, by film. Memory: 8 bytes for each tag given and each distinct word once.
class FilmNotes final {
 public:
  static Result<FilmNotes> load(const std::filesystem::path& tags, const std::filesystem::path& links,
                                const ReadOptions& options);
  // Adds the tags and attributes of this film.
  void add_to(Item& item) const;
  const std::vector<Rejection>& rejections() const { return rejections_; }

 private:
  static constexpr std::size_t kMaxTags = 32;
  using Numbers = std::unordered_map<std::string, std::uint32_t, StringHash, std::equal_to<>>;
  struct Links {
    std::string imdb;
    std::string tmdb;
  };
  Status load_tags(const std::filesystem::path& path, const ReadOptions& options);
  Status load_links(const std::filesystem::path& path, const ReadOptions& options);
  void reject(const std::filesystem::path& file, const Row& row, Error error);

  Numbers films_;
  std::vector<std::vector<std::string>> tags_of_film_;  // most frequent first
  std::unordered_map<std::string, Links, StringHash, std::equal_to<>> links_;
  std::vector<Rejection> rejections_;
};

}  // namespace winnow

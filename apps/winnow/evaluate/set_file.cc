#include "winnow/evaluate/set_file.h"

#include <strings.h>

#include <string>

#include "adapters/parquet/ranking_parquet.h"
#include "base/file.h"
#include "models/ranking/ranking_set_format.h"

namespace winnow {
namespace {

constexpr std::uint64_t kMaxSetBytes = std::uint64_t{1} << 36;

bool is_parquet(const std::filesystem::path& file) {
  return ::strcasecmp(file.extension().c_str(), ".parquet") == 0;
}

}  // namespace

Status check_set_name(const std::filesystem::path& file) {
  if (!is_parquet(file) || has_parquet()) return {};
  return write_parquet({}, file);  // says what to run
}

Result<RankingSet> read_set_file(const std::filesystem::path& file) {
  const auto read = [&]() -> Result<RankingSet> {
    if (is_parquet(file)) return read_parquet(file);
    WINNOW_TRY(const std::string bytes, read_file(file, kMaxSetBytes));
    return decode_ranking_set(bytes);
  };
  auto set = read();
  if (set.ok() || set.error().message.find(file.string()) != std::string::npos) return set;
  return while_doing(file.string(), set.error());
}

Status write_set_file(const RankingSet& set, const std::filesystem::path& file) {
  return is_parquet(file) ? write_parquet(set, file) : write_file_atomically(file, encode_ranking_set(set));
}

}  // namespace winnow

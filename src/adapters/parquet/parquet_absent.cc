// What stands in for Parquet where the build has no Arrow.
#include <fmt/format.h>

#include "adapters/parquet/ebnerd.h"
#include "adapters/parquet/ranking_parquet.h"

namespace winnow {

namespace {

Error absent(const std::filesystem::path& path) {
  return {ErrorCode::unsupported,
          fmt::format("{} is Parquet, and this build has no Arrow: run tools/install-arrow, then build again",
                      path.string())};
}

}  // namespace

bool has_parquet() { return false; }
Status write_parquet(const RankingSet&, const std::filesystem::path& path) { return absent(path); }
Result<RankingSet> read_parquet(const std::filesystem::path& path) { return absent(path); }

bool is_ebnerd_folder(const std::filesystem::path& folder) {
  std::error_code ignored;
  return std::filesystem::is_regular_file(folder / "behaviors.parquet", ignored);
}
Result<EbnerdReport> import_ebnerd(const std::filesystem::path& folder, Catalog&, EventLog&,
                                   const std::function<bool(std::uint64_t)>&) {
  return absent(folder / "behaviors.parquet");
}

}  // namespace winnow

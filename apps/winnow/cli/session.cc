#include "winnow/cli/session.h"

#include <fmt/format.h>

#include <cstdlib>

#include "math/cpu_level.h"
#include "winnow/settings/settings_file.h"

namespace winnow {

std::filesystem::path data_folder(const GlobalFlags& flags, const std::string& named_by_settings) {
  if (!flags.data.empty()) return flags.data;
  if (const char* variable = std::getenv("WINNOW_DATA"); variable != nullptr && *variable != '\0')
    return variable;
  return named_by_settings.empty() ? "winnow-data" : named_by_settings;
}

Status load_settings(Session& session) {
  if (!session.flags.config.empty()) {
    WINNOW_TRY(session.settings, load_settings(std::filesystem::path(session.flags.config)));
    session.settings_file = session.flags.config;
    session.data = data_folder(session.flags, session.settings.data);
    return {};
  }
  session.data = data_folder(session.flags, "");
  const std::filesystem::path inside = session.data / "winnow.toml";
  std::error_code unreadable;
  if (!std::filesystem::exists(inside, unreadable)) return {};
  WINNOW_TRY(session.settings, load_settings(inside));
  if (!session.settings.data.empty()) {
    return Error{ErrorCode::invalid,
                 fmt::format("{} sets store.data, but lies in the store itself: remove that line, or pass "
                             "the file with --config",
                             inside.string()),
                 "store.data"};
  }
  session.settings_file = inside;
  return {};
}

Status limit_processor() {
  const char* const named = std::getenv("WINNOW_CPU_LEVEL");
  if (named == nullptr || *named == '\0') return {};
  const auto level = parse_cpu_level(named);
  if (!level) {
    return Error{ErrorCode::invalid,
                 fmt::format("there is no CPU level '{}': the levels are portable, avx2, avx512_vnni, "
                             "avx512_bf16 and amx",
                             named),
                 "WINNOW_CPU_LEVEL"};
  }
  limit_cpu_level(*level);
  return {};
}

}  // namespace winnow

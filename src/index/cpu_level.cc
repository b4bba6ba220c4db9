#include "index/cpu_level.h"

#include <array>

namespace winnow {

namespace {

constexpr std::array kLevels = {CpuLevel::portable, CpuLevel::avx2, CpuLevel::avx512_vnni};

bool runs_here(CpuLevel level) {
#if defined(__x86_64__)
  switch (level) {
    case CpuLevel::portable:
      return true;
    case CpuLevel::avx2:
      return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
    case CpuLevel::avx512_vnni:
      return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
             __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl") &&
             __builtin_cpu_supports("avx512vnni");
  }
#endif
  return level == CpuLevel::portable;
}

}  // namespace

std::string_view name_of(CpuLevel level) {
  switch (level) {
    case CpuLevel::portable:
      return "portable";
    case CpuLevel::avx2:
      return "avx2";
    case CpuLevel::avx512_vnni:
      return "avx512_vnni";
  }
  return "portable";
}

std::optional<CpuLevel> parse_cpu_level(std::string_view name) {
  for (const CpuLevel level : kLevels) {
    if (name_of(level) == name) return level;
  }
  return std::nullopt;
}

std::span<const CpuLevel> available_cpu_levels() {
  std::size_t count = 1;
  while (count < kLevels.size() && runs_here(kLevels[count])) ++count;
  return std::span(kLevels).first(count);
}

CpuLevel best_cpu_level() { return available_cpu_levels().back(); }

}  // namespace winnow

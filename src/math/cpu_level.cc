#include "math/cpu_level.h"

#include <hwy/targets.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <string>

#if defined(__x86_64__) && defined(__linux__)
#include <cpuid.h>
#include <sys/syscall.h>
#include <unistd.h>
#endif

namespace winnow {

namespace {

constexpr std::array kLevels = {CpuLevel::portable, CpuLevel::avx2, CpuLevel::avx512_vnni,
                                CpuLevel::avx512_bf16, CpuLevel::amx};

// The processor has tiles of int8 and bfloat16, and the kernel lends this process their registers: they are
// so large that Linux hands them out on request only (Documentation/arch/x86/xstate.rst).
bool has_amx() {
#if defined(__x86_64__) && defined(__linux__)
  constexpr unsigned kBf16 = 1u << 22;
  constexpr unsigned kTile = 1u << 24;
  constexpr unsigned kInt8 = 1u << 25;
  constexpr unsigned kAll = kBf16 | kTile | kInt8;
  unsigned a = 0, b = 0, c = 0, d = 0;
  if (__get_cpuid_count(7, 0, &a, &b, &c, &d) == 0 || (d & kAll) != kAll) return false;
  constexpr long kRequestPermission = 0x1023;  // ARCH_REQ_XCOMP_PERM
  constexpr long kTileData = 18;
  return syscall(SYS_arch_prctl, kRequestPermission, kTileData) == 0;
#else
  return false;
#endif
}

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
    case CpuLevel::avx512_bf16:
      return __builtin_cpu_supports("avx512bf16");
    case CpuLevel::amx:
      return has_amx();
  }
#endif
  return level == CpuLevel::portable;
}

std::size_t count_levels() {
  std::size_t count = 1;
  while (count < kLevels.size() && runs_here(kLevels[count])) ++count;
  return count;
}

std::atomic<CpuLevel>& limit() {
  static std::atomic<CpuLevel> highest = CpuLevel::amx;
  return highest;
}

// Highway's targets are bits, the better the lower.
std::int64_t better_targets(CpuLevel level) {
#if defined(__x86_64__)
  if (level == CpuLevel::portable) return HWY_STATIC_TARGET - 1;
  if (level == CpuLevel::avx2) return HWY_AVX2 - 1;
#endif
  return 0;
}

}  // namespace

void limit_cpu_level(CpuLevel level) {
  limit() = level;
  hwy::DisableTargets(better_targets(level));
}

std::string_view name_of(CpuLevel level) {
  switch (level) {
    case CpuLevel::portable:
      return "portable";
    case CpuLevel::avx2:
      return "avx2";
    case CpuLevel::avx512_vnni:
      return "avx512_vnni";
    case CpuLevel::avx512_bf16:
      return "avx512_bf16";
    case CpuLevel::amx:
      return "amx";
  }
  return "portable";
}

std::optional<CpuLevel> parse_cpu_level(std::string_view name) {
  for (const CpuLevel level : kLevels) {
    if (name_of(level) == name) return level;
  }
  return std::nullopt;
}

std::span<const CpuLevel> available_cpu_levels(CpuLevel highest) {
  static const std::size_t count = count_levels();
  const auto below = static_cast<std::size_t>(std::min(highest, limit().load())) + 1;
  return std::span(kLevels).first(std::min(count, below));
}

CpuLevel best_cpu_level(CpuLevel highest) { return available_cpu_levels(highest).back(); }

Status check_cpu_level(CpuLevel level, CpuLevel highest) {
  const CpuLevel best = best_cpu_level(highest);
  if (level <= best) return {};
  return Error{ErrorCode::invalid,
               "this machine cannot run " + std::string(name_of(level)) + ": its best level is " +
                   std::string(name_of(best)),
               "cpu"};
}

}  // namespace winnow

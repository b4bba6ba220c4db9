// Which instructions the kernels use that are written for one instruction set each, beside those of Highway.
// Every level gives the same integer sums; the choice is made once, when an index or a model is loaded.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "base/result.h"

namespace winnow {

// From the slowest up; each level has what the ones before it have. amx: its tiles of int8 and of bfloat16.
enum class CpuLevel : std::uint8_t { portable, avx2, avx512_vnni, avx512_bf16, amx };

// "portable", "avx2", "avx512_vnni", "avx512_bf16", "amx".
std::string_view name_of(CpuLevel level);
std::optional<CpuLevel> parse_cpu_level(std::string_view name);

// The levels that this machine can run, from the slowest up, and the best one; none above `highest`, for
// those whose kernels gain nothing from there on. The first call asks the system for the use of AMX tiles.
std::span<const CpuLevel> available_cpu_levels(CpuLevel highest = CpuLevel::amx);
CpuLevel best_cpu_level(CpuLevel highest = CpuLevel::amx);

// Of this process nothing above `level` is used from now on, of Highway's kernels neither: to compare
// processors on one machine. Before anything else, by one thread.
void limit_cpu_level(CpuLevel level);

// invalid, with the best level named, where this machine cannot run `level`, or it is above `highest`.
Status check_cpu_level(CpuLevel level, CpuLevel highest = CpuLevel::amx);

}  // namespace winnow

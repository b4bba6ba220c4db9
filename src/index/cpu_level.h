// Which instructions the integer kernels of the index use. Every level gives the same integer scores; the
// choice is made once, when an index is built or loaded.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

namespace winnow {

enum class CpuLevel : std::uint8_t { portable, avx2, avx512_vnni };

// "portable", "avx2", "avx512_vnni".
std::string_view name_of(CpuLevel level);
std::optional<CpuLevel> parse_cpu_level(std::string_view name);

// The best level of this machine, and all that it can run, from the slowest up.
CpuLevel best_cpu_level();
std::span<const CpuLevel> available_cpu_levels();

}  // namespace winnow

// One thing that doctor looked at, and what it found.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "base/clock.h"
#include "winnow/settings/settings.h"

namespace winnow {

struct Check {
  enum class State : std::uint8_t { ok, warning, fault };
  std::string group;  // "settings", "machine", "store", "models"
  std::string name;   // "memory"
  State state = State::ok;
  std::string found;   // "3.2 GiB free of 8.0 GiB"
  std::string remedy;  // empty when all is well
};

std::string_view name_of(Check::State state);

// Rules that span several settings, which reading the file cannot check.
std::vector<Check> check_settings(const Settings& settings);

// Processor, memory, disk, open files, clock. `data`: where the store is or will be.
std::vector<Check> check_machine(const std::filesystem::path& data);

// The store opens, its formats are known, and its first, middle and newest records hold what their checksums
// say; the features' lag, dead letters, the clock against the newest arrival. Reads beside a running server.
std::vector<Check> check_store(const std::filesystem::path& data, const Settings& settings,
                               const Clock& clock);

// Every version is whole; the live one loads.
std::vector<Check> check_models(const std::filesystem::path& data);

}  // namespace winnow

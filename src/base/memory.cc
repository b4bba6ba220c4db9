#include "base/memory.h"

#include <algorithm>
#include <fstream>
#include <string>
#include <string_view>

#include "base/text.h"

namespace winnow {

std::uint64_t available_memory() {
  std::uint64_t available = 0;
  std::ifstream meminfo("/proc/meminfo");
  for (std::string line; std::getline(meminfo, line);) {
    if (!line.starts_with("MemAvailable:")) continue;
    const std::string_view number = trim(std::string_view(line).substr(13, line.rfind(' ') - 13));
    available = static_cast<std::uint64_t>(parse_int(number).value_or(0)) * 1024;
  }
  std::string limit;
  std::string used;
  std::ifstream("/sys/fs/cgroup/memory.max") >> limit;
  std::ifstream("/sys/fs/cgroup/memory.current") >> used;
  const auto most = parse_int(limit);
  const auto now = parse_int(used);
  if (most && now && *most > *now) available = std::min(available, static_cast<std::uint64_t>(*most - *now));
  return available;
}

}  // namespace winnow

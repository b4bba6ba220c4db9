#include "base/processors.h"

#include <algorithm>
#include <fstream>
#include <string>
#include <thread>

#include "base/text.h"

namespace winnow {

unsigned processors_of_quota(std::string_view cpu_max) {
  const std::size_t space = cpu_max.find(' ');
  if (space == std::string_view::npos) return 0;
  const auto quota = parse_int(cpu_max.substr(0, space));
  const auto period = parse_int(trim(cpu_max.substr(space + 1)));
  if (!quota || !period || *quota <= 0 || *period <= 0) return 0;
  return static_cast<unsigned>(std::min<std::int64_t>((*quota - 1) / *period + 1, 1 << 16));
}

unsigned available_processors() {
  const unsigned here = std::max(1u, std::thread::hardware_concurrency());
  std::string limit;
  std::ifstream file("/sys/fs/cgroup/cpu.max");
  std::getline(file, limit);
  const unsigned most = processors_of_quota(limit);
  return most == 0 ? here : std::min(here, most);
}

}  // namespace winnow

#include "base/processors.h"

#include <pthread.h>
#include <sched.h>
#include <unistd.h>

#include <algorithm>
#include <fstream>
#include <optional>
#include <string>
#include <thread>

#include "base/text.h"

namespace winnow {
namespace {

// Of the process's first thread: that one never keeps to a processor.
std::optional<cpu_set_t> allowed_set() {
  cpu_set_t set;
  if (sched_getaffinity(getpid(), sizeof set, &set) != 0) return std::nullopt;
  return set;
}

}  // namespace

std::vector<int> allowed_processors() {
  std::vector<int> out;
  const auto set = allowed_set();
  for (int i = 0; set && i < CPU_SETSIZE; ++i) {
    if (CPU_ISSET(i, &*set)) out.push_back(i);
  }
  return out;
}

void keep_to_processor(std::thread& thread, int processor) {
  cpu_set_t set;
  CPU_ZERO(&set);
  CPU_SET(processor, &set);
  pthread_setaffinity_np(thread.native_handle(), sizeof set, &set);
}

void keep_to_no_processor(pid_t thread) {
  if (const auto set = allowed_set()) sched_setaffinity(thread, sizeof *set, &*set);
}

unsigned processors_of_quota(std::string_view cpu_max) {
  const std::size_t space = cpu_max.find(' ');
  if (space == std::string_view::npos) return 0;
  const auto quota = parse_int(cpu_max.substr(0, space));
  const auto period = parse_int(trim(cpu_max.substr(space + 1)));
  if (!quota || !period || *quota <= 0 || *period <= 0) return 0;
  return static_cast<unsigned>(std::min<std::int64_t>((*quota - 1) / *period + 1, 1 << 16));
}

unsigned available_processors() {
  const auto allowed = static_cast<unsigned>(allowed_processors().size());
  const unsigned here = allowed > 0 ? allowed : std::max(1u, std::thread::hardware_concurrency());
  std::string limit;
  std::ifstream file("/sys/fs/cgroup/cpu.max");
  std::getline(file, limit);
  const unsigned most = processors_of_quota(limit);
  return most == 0 ? here : std::min(here, most);
}

}  // namespace winnow

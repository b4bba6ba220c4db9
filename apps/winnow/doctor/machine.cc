#include <fmt/format.h>
#include <sys/resource.h>
#include <sys/statfs.h>
#include <sys/timex.h>
#include <unistd.h>

#include <algorithm>
#include <fstream>

#include "base/clock.h"
#include "base/memory.h"
#include "base/processors.h"
#include "base/text.h"
#include "math/vector_kernels.h"
#include "winnow/doctor/check.h"
#include "winnow/terminal/terminal.h"

namespace winnow {
namespace {

using State = Check::State;

constexpr std::uint64_t kMiB = 1ull << 20;
constexpr std::uint64_t kGiB = 1ull << 30;
constexpr std::uint64_t kLittleMemory = 512 * kMiB;
constexpr std::uint64_t kLittleDisk = 2 * kGiB;
constexpr std::uint64_t kNoDisk = 64 * kMiB;  // the store stops writing a little before the disk is full
constexpr rlim_t kFewFiles = 4096;
constexpr TimestampMs kBuilt = 1'735'689'600'000;  // 2025-01-01: no sound clock stands before it

// From <linux/magic.h>, which is not on every machine.
constexpr std::uint64_t kTmpfs = 0x01021994;
constexpr std::uint64_t kNfs = 0x6969;

Check processor() {
  return {"machine", "processor", State::ok,
          fmt::format("{} cores, vector instructions {}", available_processors(), simd_name()), ""};
}

Check memory() {
  const std::uint64_t available = available_memory();
  Check check{"machine", "memory", State::ok, fmt::format("{} available", human_bytes(available)), ""};
  if (available < kLittleMemory) {
    check.state = State::warning;
    check.remedy =
        "serving holds items and features in memory: close other programs, or take a larger machine";
  }
  return check;
}

// The folder itself, or the nearest one above it that exists.
std::filesystem::path existing(std::filesystem::path folder) {
  std::error_code ignored;
  folder = std::filesystem::absolute(folder, ignored);
  while (!std::filesystem::exists(folder, ignored) && folder.has_relative_path())
    folder = folder.parent_path();
  return folder;
}

void add_disk(std::vector<Check>& checks, const std::filesystem::path& data) {
  const std::filesystem::path folder = existing(data);
  std::error_code failed;
  const auto space = std::filesystem::space(folder, failed);
  if (failed) {
    checks.push_back({"machine", "disk", State::fault,
                      fmt::format("{}: {}", folder.string(), failed.message()),
                      "name another folder with --data"});
    return;
  }
  Check disk{"machine", "disk", State::ok,
             fmt::format("{} free of {} at {}", human_bytes(space.available), human_bytes(space.capacity),
                         folder.string()),
             ""};
  if (space.available < kLittleDisk) {
    disk.state = space.available < kNoDisk ? State::fault : State::warning;
    disk.remedy = "free some space, or lower store.retention_days: a full disk stops all writing";
  }
  checks.push_back(std::move(disk));

  if (access(folder.c_str(), W_OK | X_OK) != 0) {
    checks.push_back({"machine", "permissions", State::fault,
                      fmt::format("{} cannot be written to", folder.string()),
                      fmt::format("chown it to the user that runs Winnow (now uid {})", geteuid())});
  }
  struct statfs system {};
  if (statfs(folder.c_str(), &system) != 0) return;
  const auto type = static_cast<std::uint64_t>(system.f_type);
  if (type == kTmpfs) {
    checks.push_back({"machine", "file system", State::warning, "tmpfs: kept in memory",
                      "a restart of the machine loses the store: put it on a disk with --data"});
  } else if (type == kNfs) {
    checks.push_back({"machine", "file system", State::warning, "NFS",
                      "locks and syncs of network file systems are not to be trusted: use a local disk"});
  }
}

Check open_files() {
  rlimit limit{};
  getrlimit(RLIMIT_NOFILE, &limit);
  Check check{"machine", "open files", State::ok, fmt::format("limit {}", with_thousands(limit.rlim_cur)),
              ""};
  if (limit.rlim_cur < kFewFiles) {
    check.state = State::warning;
    check.remedy = "connections and store files need more: ulimit -n 65536";
  }
  return check;
}

Check system_clock() {
  const TimestampMs now = SystemClock().now_ms();
  Check check{"machine", "clock", State::ok, human_time(now), ""};
  timex state{};
  if (now < kBuilt) {
    check.state = State::fault;
    check.remedy = "the clock is far behind: set it, since events get their times from it";
  } else if (adjtimex(&state) == TIME_ERROR) {
    check.found += ", not synchronised as far as the kernel knows";
  }
  return check;
}

}  // namespace

std::vector<Check> check_machine(const std::filesystem::path& data) {
  std::vector<Check> checks = {processor(), memory()};
  add_disk(checks, data);
  checks.push_back(open_files());
  checks.push_back(system_clock());
  return checks;
}

}  // namespace winnow

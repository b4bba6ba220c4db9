#include "winnow/serve/huge_pages.h"

#include <link.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "math/aligned.h"

namespace winnow {
namespace {

constexpr std::uintptr_t kHugePage = CacheAligned<std::byte>::kHugePage;
constexpr const char* kTunables = "GLIBC_TUNABLES";

struct Segment {
  std::uintptr_t begin = 0;
  std::uintptr_t end = 0;
  bool executable = false;
};

// What of the program's file is in memory.
std::vector<Segment> program_segments() {
  std::vector<Segment> segments;
  const auto add = [](dl_phdr_info* info, std::size_t, void* to) {
    for (int i = 0; i < info->dlpi_phnum; ++i) {
      const auto& header = info->dlpi_phdr[i];
      if (header.p_type != PT_LOAD) continue;
      const std::uintptr_t begin = info->dlpi_addr + header.p_vaddr;
      static_cast<std::vector<Segment>*>(to)->push_back(
          {begin, begin + header.p_memsz, (header.p_flags & PF_X) != 0});
    }
    return 1;  // the program comes first; no libraries
  };
  dl_iterate_phdr(add, &segments);
  return segments;
}

// The whole huge pages that `code` lies in, or where these have parts of other segments, those that are all
// of `code`.
Segment huge_pages_of(const Segment& code, const std::vector<Segment>& segments) {
  Segment out{code.begin / kHugePage * kHugePage, (code.end + kHugePage - 1) / kHugePage * kHugePage, true};
  for (const Segment& other : segments) {
    if (other.begin == code.begin || other.end <= out.begin || other.begin >= out.end) continue;
    if (other.begin < code.begin) {
      out.begin = (code.begin + kHugePage - 1) / kHugePage * kHugePage;
    } else {
      out.end = code.end / kHugePage * kHugePage;
    }
  }
  return out;
}

// Returns where nothing is to be changed, or the program cannot be run again.
void restart_with_huge_heap(char* const* argv) {
  const char* const set = std::getenv(kTunables);
  std::string tunables = set == nullptr ? "" : set;
  if (tunables.find("glibc.malloc.hugetlb=") != std::string::npos) return;
  tunables += tunables.empty() ? "glibc.malloc.hugetlb=1" : ":glibc.malloc.hugetlb=1";
  if (setenv(kTunables, tunables.c_str(), 1) != 0) return;
  // By its name, which tools show, and which is no longer there where the file has been replaced meanwhile.
  std::error_code failed;
  const std::filesystem::path program = std::filesystem::read_symlink("/proc/self/exe", failed);
  if (!failed) execv(program.c_str(), argv);
}

// The instructions, which are read from the program's file in small pages, move to memory of their own.
void move_code_to_huge_pages() {
  const std::vector<Segment> segments = program_segments();
  const auto code = std::ranges::find_if(segments, &Segment::executable);
  if (code == segments.end()) return;
  const Segment target = huge_pages_of(*code, segments);
  if (target.begin >= target.end) return;
  const std::size_t size = target.end - target.begin;

  void* const taken =
      mmap(nullptr, size + kHugePage, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (taken == MAP_FAILED) return;
  const auto first = reinterpret_cast<std::uintptr_t>(taken);
  const std::uintptr_t copy = (first + kHugePage - 1) / kHugePage * kHugePage;
  const auto at = [](std::uintptr_t address) { return reinterpret_cast<void*>(address); };  // NOLINT
  madvise(at(copy), size, MADV_HUGEPAGE);
  const std::uintptr_t begin = std::max(code->begin, target.begin);
  const std::uintptr_t end = std::min(code->end, target.end);
  std::memcpy(at(copy + begin - target.begin), at(begin), end - begin);
  // In one step for whoever runs there: the instructions behind it are the same ones.
  const bool moved =
      mprotect(at(copy), size, PROT_READ | PROT_EXEC) == 0 &&
      mremap(at(copy), size, size, MREMAP_MAYMOVE | MREMAP_FIXED, at(target.begin)) != MAP_FAILED;
  if (!moved) {  // the system may forbid what is written to run
    munmap(taken, size + kHugePage);
    return;
  }
  if (copy > first) munmap(taken, copy - first);
  munmap(at(copy + size), first + kHugePage - copy);
}

}  // namespace

void use_huge_pages(char* const* argv) {
  restart_with_huge_heap(argv);
  const char* const set = std::getenv(kTunables);
  const bool unwanted =
      set != nullptr && std::string_view(set).find("glibc.malloc.hugetlb=0") != std::string_view::npos;
  if (!unwanted) move_code_to_huge_pages();
}

}  // namespace winnow

#include "math/huge_blocks.h"

#include <vector>

#include "base/mutex.h"
#include "math/aligned.h"

namespace winnow {
namespace {

using Bytes = CacheAligned<std::byte>;

struct Pool {
  Mutex mutex;
  std::vector<void*> spare WINNOW_GUARDED_BY(mutex);
};

// Never destroyed: blocks may be given back by what lives longer than any static value.
Pool& pool() {
  static Pool* const made = new Pool();
  return *made;
}

}  // namespace

void* HugeBlocks::take() {
  Pool& from = pool();
  MutexLock lock(from.mutex);
  if (from.spare.empty()) {
    std::byte* const page = Bytes().allocate(Bytes::kHugePage);
    for (std::size_t at = Bytes::kHugePage; at > 0; at -= kBytes) from.spare.push_back(page + at - kBytes);
  }
  void* const block = from.spare.back();
  from.spare.pop_back();
  return block;
}

void HugeBlocks::give_back(void* block) {
  Pool& to = pool();
  MutexLock lock(to.mutex);
  to.spare.push_back(block);
}

}  // namespace winnow

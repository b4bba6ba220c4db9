// Blocks of 64 KiB cut from huge pages: for columns that are read all over but renewed a piece at a time,
// where each piece by itself is too small for a huge page.
#pragma once

#include <cstddef>
#include <new>

namespace winnow {

// From a pool of the whole process, which keeps what it was given back for the next who asks. Thread-safe.
class HugeBlocks final {
 public:
  static constexpr std::size_t kBytes = std::size_t{64} << 10;

  static void* take();
  static void give_back(void* block);
};

// An allocator that takes whole blocks from there, and all other sizes from the heap.
template <class T>
struct HugeBlockAllocator {
  using value_type = T;
  static_assert(HugeBlocks::kBytes % alignof(T) == 0);

  HugeBlockAllocator() = default;
  template <class U>
  HugeBlockAllocator(const HugeBlockAllocator<U>&) {}  // NOLINT: an allocator converts

  T* allocate(std::size_t n) {
    if (n * sizeof(T) == HugeBlocks::kBytes) return static_cast<T*>(HugeBlocks::take());
    return static_cast<T*>(::operator new(n * sizeof(T), std::align_val_t{alignof(T)}));
  }
  void deallocate(T* p, std::size_t n) {
    if (n * sizeof(T) == HugeBlocks::kBytes) return HugeBlocks::give_back(p);
    ::operator delete(p, std::align_val_t{alignof(T)});
  }

  friend bool operator==(const HugeBlockAllocator&, const HugeBlockAllocator&) { return true; }
};

}  // namespace winnow

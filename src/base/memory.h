// How much memory there is to be had.
#pragma once

#include <cstdint>

namespace winnow {

// Bytes that can be had without swapping: the kernel's estimate, or what the container's limit leaves when
// that is less; 0 where neither is known. Thread-safe.
std::uint64_t available_memory();

}  // namespace winnow

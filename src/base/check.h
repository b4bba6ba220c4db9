// WINNOW_CHECK guards invariants of our own code. Input, disk and network return Result instead.
#pragma once

#include <cstdio>
#include <cstdlib>

// Ends the process with the broken condition and its place. The condition has no side effects.
#define WINNOW_CHECK(condition)                                                                       \
  do {                                                                                                \
    if (!(condition)) [[unlikely]] {                                                                  \
      std::fprintf(stderr, "winnow: broken invariant: %s (%s:%d)\n", #condition, __FILE__, __LINE__); \
      std::abort();                                                                                   \
    }                                                                                                 \
  } while (false)

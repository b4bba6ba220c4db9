// How many processors there are to be had.
#pragma once

#include <string_view>

namespace winnow {

// Those that this process may run on, or the share of their time that its container may use, rounded up, when
// that is less; at least 1. Thread-safe.
unsigned available_processors();

// What a control group's cpu.max ("200000 100000": microseconds of each so many) comes to, rounded up; 0: no
// limit, or none that can be read.
unsigned processors_of_quota(std::string_view cpu_max);

}  // namespace winnow

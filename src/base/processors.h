// Which processors there are to be had, and threads that keep to one.
#pragma once

#include <sys/types.h>

#include <string_view>
#include <thread>
#include <vector>

namespace winnow {

// The numbers of those that this process may run on, in order, whatever some of its threads keep to; empty
// where the system does not tell. Thread-safe.
std::vector<int> allowed_processors();

// The thread, and threads and processes that it starts from now on, run on that processor alone, if the
// system allows it. Thread-safe.
void keep_to_processor(std::thread& thread, int processor);

// A thread, 0: the calling one, may run wherever this process may again. Thread-safe.
void keep_to_no_processor(pid_t thread);

// How many this process may run on, or the share of their time that its container may use, rounded up, when
// that is less; at least 1. Thread-safe.
unsigned available_processors();

// What a control group's cpu.max ("200000 100000": microseconds of each so many) comes to, rounded up; 0: no
// limit, or none that can be read.
unsigned processors_of_quota(std::string_view cpu_max);

}  // namespace winnow

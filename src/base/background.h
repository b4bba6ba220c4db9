// Work that may wait: whoever answers a request goes before it.
#pragma once

#include <sys/types.h>

namespace winnow {

// The niceness of threads and processes that work in the background: beside busy threads of the usual one
// they get a tenth of a core, so what they do is late at most, and is done.
inline constexpr int kBackgroundNiceness = 10;

// The thread, 0: the calling one, works in the background from now on, and so do threads and processes that
// it starts. A process's id is that of its first thread: Linux has a niceness for each. One that is nicer
// already stays so. It runs on any processor, wherever the thread that started it keeps to.
void run_in_background(pid_t thread = 0);

}  // namespace winnow

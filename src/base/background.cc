#include "base/background.h"

#include <sys/resource.h>

#include "base/processors.h"

namespace winnow {

void run_in_background(pid_t thread) {
  const auto whose = static_cast<id_t>(thread);
  if (getpriority(PRIO_PROCESS, whose) < kBackgroundNiceness)
    setpriority(PRIO_PROCESS, whose, kBackgroundNiceness);  // nobody is refused to be nicer
  keep_to_no_processor(thread);
}

}  // namespace winnow

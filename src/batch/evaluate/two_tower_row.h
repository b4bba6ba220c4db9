// The two-tower model's row of the evaluation's table: it alone is trained by another program.
#pragma once

#include "batch/evaluate/model_table.h"

namespace winnow {

ModelRow two_tower_row();

}  // namespace winnow

// The commands, one file each.
#pragma once

#include <vector>

#include "winnow/cli/command.h"

namespace winnow {

Command import_command();
Command simulate_command();
Command features_command();
Command train_command();
Command training_set_command();
Command evaluate_command();
Command recommend_command();
Command similar_command();
Command serve_command();
Command status_command();
Command rollback_command();
Command export_onnx_command();
Command rebuild_command();
Command dump_command();
Command restore_command();
Command doctor_command();
Command config_command();
Command key_command();

// `help` and `completion` speak of all the others.
std::vector<Command> all_commands();

}  // namespace winnow

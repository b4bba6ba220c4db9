// The parts of the table of settings, by area. Used by settings_table() only.
#pragma once

#include <vector>

#include "winnow/settings/setting.h"

namespace winnow {

void add_speed_settings(std::vector<Setting>& table);
void add_pipeline_settings(std::vector<Setting>& table);
void add_training_settings(std::vector<Setting>& table);
void add_model_settings(std::vector<Setting>& table);
void add_server_settings(std::vector<Setting>& table);

}  // namespace winnow

// The parts of the table of settings, by area.
#pragma once

#include <string>
#include <vector>

#include "winnow/settings/setting.h"

namespace winnow {

void add_speed_settings(std::vector<Setting>& table);
void add_pipeline_settings(std::vector<Setting>& table);
// [surfaces.SURFACE]: what a source may bring there, where it differs from [sources].
void add_ranking_settings(std::vector<Setting>& table);
// [ranking.worth], and the same on a surface: the key of one outcome.
void add_worth_setting(std::vector<Setting>& table, const std::string& head);
void add_surface_ranking_settings(std::vector<Setting>& table, const std::string& surface);
void add_surface_worth_setting(std::vector<Setting>& table, const std::string& surface,
                               const std::string& head);
void add_surface_settings(std::vector<Setting>& table, const std::string& surface);
void add_training_settings(std::vector<Setting>& table);
void add_training_set_settings(std::vector<Setting>& table);
// [training_set.heads] and [training_set.window_hours]: the keys of one outcome, known by being named.
void add_head_settings(std::vector<Setting>& table, const std::string& head);
void add_model_settings(std::vector<Setting>& table);
void add_server_settings(std::vector<Setting>& table);

// invalid where prices count by an outcome that nothing predicts.
Status check_revenue(const Settings& settings);

}  // namespace winnow

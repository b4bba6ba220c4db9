// What a training run did, for people and for machines.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "batch/clean/clean.h"
#include "batch/dataset/parts.h"
#include "batch/extract/extract.h"
#include "batch/ranking/train_ranker.h"
#include "batch/validate/gates.h"
#include "batch/validate/judge.h"
#include "models/blend/blend.h"

namespace winnow {

struct StepTime {
  std::string step;
  double seconds = 0;
  double cpu_seconds = 0;
  bool resumed = false;  // finished by an earlier run, and its time is that run's
};

struct JobReport {
  ExtractReport extract;
  CleanReport clean;
  struct Data {
    std::uint64_t users = 0;
    std::uint64_t items = 0;
    std::uint64_t pairs = 0;
    std::uint64_t liked = 0;      // of them with a positive signal
    std::uint64_t fit_pairs = 0;  // that the judged models learned from
    CutKind cut = CutKind::by_time;
    std::uint64_t validation_users = 0;
    std::uint64_t test_users = 0;
    std::uint64_t test_users_without_history = 0;
  } data;
  double popularity_half_life_days = 0;  // chosen; 0: no decay
  BlendWeights blend;                    // chosen
  std::optional<RankerReport> ranker;    // none where none was trained
  std::string ranker_note;               // why none was learned, or what the ranker lacks
  Judgement judgement;
  std::vector<GateResult> gates;
  std::string version;
  bool promoted = false;
  std::string refusal;        // why it was not promoted, in words; empty when it was
  std::string previous_live;  // live before; empty when none was
  bool refreshed = false;     // previous_live was moved on: its blend, and no judgement of its own
  std::vector<StepTime> steps;

  double seconds() const;
  double cpu_seconds() const;
};

// One JSON object; numbers that are not finite become null.
std::string report_json(const JobReport& report);

}  // namespace winnow

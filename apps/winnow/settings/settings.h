// Everything that can be set, in one value. Each room owns its options and their defaults; Settings only
// gathers them. The names that users write, with their ranges and documentation, stand in settings_table.cc;
// the file that holds them is read by settings_file.h and written by settings_text.h.
#pragma once

#include <string>
#include <vector>

#include "batch/impressions/build.h"
#include "batch/job.h"
#include "domain/feedback.h"
#include "events/event_log.h"
#include "events/impression_log.h"
#include "online/engine.h"
#include "server/server.h"

namespace winnow {

// The texts of FeedbackPolicy, kept so that they can be shown as they were written.
struct FeedbackSettings {
  std::vector<std::string> positive = {"like",   "finish", "purchase",  "share",
                                       "follow", "click",  "rating>=4", "watch>=0.5"};
  std::vector<std::string> negative = {"dislike", "hide", "skip", "rating<=2"};
  FeedbackPolicy policy;  // of the rules above, with the weights
};

struct Settings {
  std::string data;  // the store's folder; empty when no file names one
  EventLogOptions log;
  ImpressionLogOptions impressions;
  FeedbackSettings feedback;
  EngineOptions engine;  // see engine_options
  std::string onnx;      // a ranker of the user's own; empty: none
  TrainOptions train;
  TrainingSetOptions training_set;
  double schedule_hours = 0;   // between two trainings of a server's own; 0: none
  double refresh_minutes = 0;  // between two refreshes of a server's own; 0: none
  ServerOptions server;
};

// settings.engine with what it shares with other rooms filled in: the feedback policy, the retention, the
// seen TTL.
EngineOptions engine_options(const Settings& settings);
// settings.training_set with what it shares with other rooms filled in: how states are derived, and the seed.
TrainingSetOptions training_set_options(const Settings& settings);
// settings.train with what it shares with other rooms filled in: the training set, how states are derived,
// and how many candidates indexes are tuned for.
TrainOptions train_options(const Settings& settings);
// settings.server with the deadline of an answer; assets, version and readiness are the caller's to add.
ServerOptions server_options(const Settings& settings);

}  // namespace winnow

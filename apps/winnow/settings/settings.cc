#include "winnow/settings/settings.h"

namespace winnow {

EngineOptions engine_options(const Settings& settings) {
  EngineOptions options = settings.engine;
  options.feedback = settings.feedback.policy;
  options.retention_ms = settings.log.retention_ms;
  options.pipeline.filter.seen_ttl_ms = options.speed.user.seen_ttl_ms;
  options.speed.items.new_item_days = options.speed.trends.new_item_days;
  return options;
}

TrainingSetOptions training_set_options(const Settings& settings) {
  TrainingSetOptions options = settings.training_set;
  const SpeedOptions speed = engine_options(settings).speed;
  options.replay = {.user = speed.user, .items = speed.items};
  options.seed = settings.train.seed;
  return options;
}

ServerOptions server_options(const Settings& settings) {
  ServerOptions options = settings.server;
  options.recommend_deadline = std::chrono::milliseconds(settings.engine.deadline_ms);
  return options;
}

}  // namespace winnow

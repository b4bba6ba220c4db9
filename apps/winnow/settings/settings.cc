#include "winnow/settings/settings.h"

#include <algorithm>
#include <string>
#include <vector>

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

TrainOptions train_options(const Settings& settings) {
  TrainOptions options = settings.train;
  options.shown.set = training_set_options(settings);
  options.ranker.replay = options.shown.set.replay;
  const RetrieveOptions& retrieve = settings.engine.pipeline.retrieve;
  std::vector<std::string> searched = settings.train.models.extra;
  searched.emplace_back("als");
  std::size_t most = 1;
  for (const std::string& source : searched) {
    most = std::max(most, retrieve.quota("", source));
    for (const auto& [surface, quotas] : retrieve.surface_quotas)
      most = std::max(most, retrieve.quota(surface, source));
  }
  options.index.limit = static_cast<std::uint32_t>(most);
  return options;
}

ServerOptions server_options(const Settings& settings) {
  ServerOptions options = settings.server;
  options.recommend_deadline = std::chrono::milliseconds(settings.engine.deadline_ms);
  return options;
}

}  // namespace winnow

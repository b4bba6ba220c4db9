#include "winnow/site/opened_site.h"

#include <utility>

#include "adapters/files/erase_rejected.h"
#include "base/text.h"
#include "winnow/store/layout.h"
#include "winnow/terminal/progress.h"

namespace winnow {

Result<OpenedSite> open_site(const std::filesystem::path& data, Access access, const Settings& settings,
                             const Clock& clock) {
  OpenedSite site;
  WINNOW_TRY(site.store, open_store(data, access, settings.log, clock, settings.impressions));
  WINNOW_TRY(ModelRegistry registry, ModelRegistry::open(StoreLayout{data}.models()));
  site.registry = std::make_unique<ModelRegistry>(std::move(registry));
  EngineOptions options = engine_options(settings);
  options.speed.persist = !site.store.read_only;
  if (!settings.onnx.empty()) {
    auto model = OnnxModel::load(settings.onnx);
    if (model.ok()) {
      options.onnx = *std::move(model);
    } else {
      options.onnx_error = "ranking.onnx is not used: " + model.error().message;
    }
  }
  OpenedStore& store = site.store;
  WINNOW_TRY(site.engine, Engine::open({*store.catalog, *store.log, *store.dead_letters, *store.features,
                                        *site.registry, clock, store.impressions.get(),
                                        [folder = StoreLayout{data}.rejects()](std::string_view user_id) {
                                          return erase_rejected(folder, user_id);
                                        }},
                                       std::move(options)));
  return site;
}

Result<OpenedSite> open_current_site(Session& session, Access access) {
  Settings settings = session.settings;
  settings.engine.pipeline.impression_share = 0;  // what a command answers is shown to no visitor
  WINNOW_TRY(OpenedSite site, open_site(session.data, access, settings, session.clock));
  Progress progress(session.terminal, "catching up with the events");
  const LogPosition first = site.engine->status().applied;
  LogPosition last = first;
  WINNOW_RETURN_IF_ERROR(site.engine->catch_up([&](LogPosition done, LogPosition total) {
    last = done;
    progress.update(done - first, total - first);
  }));
  if (last > first) progress.finish(with_thousands(last - first) + " events");
  WINNOW_RETURN_IF_ERROR(site.engine->refresh_content());
  return site;
}

}  // namespace winnow

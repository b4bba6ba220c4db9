#include "winnow/site/opened_site.h"

#include <utility>

#include "winnow/store/layout.h"

namespace winnow {

Result<OpenedSite> open_site(const std::filesystem::path& data, Access access, const Settings& settings,
                             const Clock& clock) {
  OpenedSite site;
  WINNOW_TRY(site.store, open_store(data, access, settings.log, clock));
  WINNOW_TRY(ModelRegistry registry, ModelRegistry::open(StoreLayout{data}.models()));
  site.registry = std::make_unique<ModelRegistry>(std::move(registry));
  EngineOptions options = engine_options(settings);
  options.speed.persist = !site.store.read_only;
  OpenedStore& store = site.store;
  WINNOW_TRY(site.engine, Engine::open({*store.catalog, *store.log, *store.dead_letters, *store.features,
                                        *site.registry, clock},
                                       std::move(options)));
  return site;
}

}  // namespace winnow

// A store's folder with its models, opened as the Site that answers.
#pragma once

#include <filesystem>
#include <memory>
#include <string>

#include "base/clock.h"
#include "base/result.h"
#include "online/engine.h"
#include "registry/model_registry.h"
#include "winnow/cli/session.h"
#include "winnow/settings/settings.h"
#include "winnow/store/opened_store.h"

namespace winnow {

struct OpenedSite {
  OpenedStore store;  // first: what follows is closed before it
  std::unique_ptr<ModelRegistry> registry;
  std::unique_ptr<Engine> engine;  // has yet to catch_up()
};

// With a store that is only read the engine derives in memory what the store's checkpoint lacks, and writes
// nothing.
Result<OpenedSite> open_site(const std::filesystem::path& data, Access access, const Settings& settings,
                             const Clock& clock);

// The session's site with all that the log holds applied, for a command that asks it something.
Result<OpenedSite> open_current_site(Session& session, Access access);

}  // namespace winnow

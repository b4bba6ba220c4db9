// The files of a bundle: what each part of a ModelBundle is called and how its bytes are checked.
#pragma once

#include <filesystem>
#include <memory>
#include <string_view>

#include "base/result.h"
#include "registry/manifest.h"
#include "registry/model_registry.h"

namespace winnow {

inline constexpr std::string_view kManifestFile = "manifest.json";

// Writes every file of the bundle and, last, its manifest into `folder`, each synced. Returns the manifest.
Result<Manifest> write_bundle(const std::filesystem::path& folder, const ModelBundle& bundle);

Result<Manifest> read_manifest(const std::filesystem::path& folder);

// Reads and checks all of it, the ranker by opening it. `folder` is named after the version.
Result<std::shared_ptr<const ModelBundle>> read_bundle(const std::filesystem::path& folder);

}  // namespace winnow

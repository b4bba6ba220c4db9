#include <fmt/format.h>
#include <fmt/ranges.h>

#include <memory>
#include <string>
#include <vector>

#include "base/file.h"
#include "base/text.h"
#include "models/ranking/onnx_export.h"
#include "registry/model_registry.h"
#include "winnow/cli/session.h"
#include "winnow/commands/commands.h"
#include "winnow/store/layout.h"

namespace winnow {

Command export_onnx_command() {
  struct Flags {
    std::string folder, version;
  };
  const auto own = std::make_shared<Flags>();
  Command command;
  command.name = "export-onnx";
  command.summary = "write the ranker's networks and trees as ONNX models";
  command.description =
      "Writes every network and every outcome's trees of the live version's ranker into the folder DIR, "
      "which "
      "is made where it is missing, each with its features and outcomes beside it (light.onnx and "
      "light.onnx.json), as the setting ranking.onnx takes them. They score as they were trained: what the "
      "ranker itself predicts is the mean of network and trees, calibrated.";
  command.flags = {{"DIR", "", "the folder to write to", &own->folder},
                   {"--version", "VERSION", "of this version; default the live one", &own->version}};
  command.examples = {{"winnow export-onnx ranker", "light.onnx, full.onnx, full-click.onnx, ..."}};
  command.run = [own](Session& session) -> Result<ExitCode> {
    if (own->folder.empty())
      return Error{ErrorCode::invalid, "DIR is missing: name the folder to write to", "DIR"};
    const StoreLayout layout{session.data};
    if (!std::filesystem::exists(layout.models())) {
      return Error{
          ErrorCode::not_found,
          fmt::format("{} holds no models: run \"winnow train --ranker\" first, or name another store "
                      "with --data",
                      session.data.string()),
          "--data"};
    }
    WINNOW_TRY(const ModelRegistry registry, ModelRegistry::open(layout.models()));
    std::string version = own->version;
    if (version.empty()) {
      WINNOW_TRY(const auto live, registry.live());
      if (!live) {
        return Error{ErrorCode::not_found,
                     "no model is live yet: run \"winnow train --ranker\", or name a version with --version",
                     "--version"};
      }
      version = *live;
    }
    WINNOW_TRY(const auto bundle, registry.load(version));
    if (bundle->ranker == nullptr) {
      return Error{
          ErrorCode::not_found,
          fmt::format("version {} has no ranker: run \"winnow train --ranker\", or name another with "
                      "--version",
                      version),
          "--version"};
    }
    const std::filesystem::path folder = own->folder;
    WINNOW_RETURN_IF_ERROR(make_directories(folder));
    std::vector<std::string> names;
    for (const ExportedFile& file : export_onnx(*bundle->ranker)) {
      WINNOW_RETURN_IF_ERROR(write_file_atomically(folder / file.name, file.bytes));
      names.push_back(json_quoted(file.name));
      session.terminal.print((folder / file.name).string());
    }
    session.terminal.print_json(
        fmt::format(R"({{"version":{},"files":[{}]}})", json_quoted(version), fmt::join(names, ",")));
    return ExitCode::ok;
  };
  return command;
}

}  // namespace winnow

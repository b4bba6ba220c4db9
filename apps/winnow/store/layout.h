// What lies where in a store's folder:
//
//   DIR/winnow.toml   settings (optional)
//   DIR/log           catalogue, event log, dead letters and features: one embedded store
//   DIR/models        the model registry
//   DIR/work          what an unfinished training has done so far
//   DIR/join          what an unfinished training set has done so far; it names no user
//   DIR/examples      the same of a training whose ranker learns from what was shown
//   DIR/rejects       rows that imports turned down, with the reasons
#pragma once

#include <filesystem>

namespace winnow {

struct StoreLayout {
  std::filesystem::path root;

  std::filesystem::path records() const { return root / "log"; }
  std::filesystem::path models() const { return root / "models"; }
  std::filesystem::path work() const { return root / "work"; }
  std::filesystem::path join() const { return root / "join"; }
  std::filesystem::path examples() const { return root / "examples"; }
  std::filesystem::path rejects() const { return root / "rejects"; }
};

}  // namespace winnow

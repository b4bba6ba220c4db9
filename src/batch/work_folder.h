// Finished steps of a job, kept until the job is done, so that a killed job goes on where it stopped.
//
// DIR/<fingerprint>/<step> holds a step's output behind a checksum and appears whole. The fingerprint covers
// everything that the outputs depend on; folders of other fingerprints are leftovers and go at open. DIR/lock
// lets one job run at a time. Nothing in here names a user.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

#include "base/hash.h"
#include "base/result.h"
#include "registry/directory_lock.h"

namespace winnow {

class WorkFolder final {
 public:
  // conflict when another job is at work in `directory`.
  static Result<WorkFolder> open(const std::filesystem::path& directory, const Hash128& fingerprint);

  // The step's output; nothing when it was not finished, or its file is damaged.
  std::optional<std::string> load(std::string_view step) const;
  Status save(std::string_view step, std::string_view output) const;

  // Removes the outputs: the job is done.
  Status clear() const;

 private:
  WorkFolder(std::filesystem::path folder, DirectoryLock lock)
      : folder_(std::move(folder)), lock_(std::move(lock)) {}
  std::filesystem::path folder_;
  DirectoryLock lock_;
};

}  // namespace winnow

// Data-parallel training over processes: every worker holds the whole model and a share of each step's users,
// and the gradients are added up (c10d over Gloo).
//
// Every worker draws the same random numbers for what all must agree on, so that only gradients travel.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <vector>

#include "base/result.h"

// Not torch/types.h, which takes long to compile: main.cc needs none of it.
namespace at {
class Tensor;
}

namespace winnow {

class Workers {
 public:
  virtual ~Workers() = default;
  virtual std::uint32_t rank() const = 0;
  virtual std::uint32_t count() const = 0;
  // In place, over all workers; all must call it, with equal shapes.
  virtual void sum(std::vector<at::Tensor>& tensors) = 0;
  // Worker 0's values for all.
  virtual void share(at::Tensor& tensor) = 0;

  bool leads() const { return rank() == 0; }
};

// A worker that is alone: nothing travels.
std::unique_ptr<Workers> one_worker();

// One of `count` workers that meet through a file, which does not exist before the first comes. unavailable
// when this libtorch was built without Gloo.
Result<std::unique_ptr<Workers>> join_workers(const std::filesystem::path& meeting, std::uint32_t rank,
                                              std::uint32_t count);

}  // namespace winnow

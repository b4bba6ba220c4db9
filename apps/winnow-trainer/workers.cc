#include "workers.h"

#include <torch/types.h>

#if defined(WINNOW_GLOO)
#include <torch/csrc/distributed/c10d/FileStore.hpp>
#include <torch/csrc/distributed/c10d/ProcessGroupGloo.hpp>
#endif

namespace winnow {
namespace {

class OneWorker final : public Workers {
 public:
  std::uint32_t rank() const override { return 0; }
  std::uint32_t count() const override { return 1; }
  void sum(std::vector<torch::Tensor>&) override {}
  void share(torch::Tensor&) override {}
};

#if defined(WINNOW_GLOO)

class GlooWorkers final : public Workers {
 public:
  GlooWorkers(const std::filesystem::path& meeting, std::uint32_t rank, std::uint32_t count)
      : rank_(rank), count_(count) {
    auto options = c10d::ProcessGroupGloo::Options::create();
    options->devices.push_back(c10d::ProcessGroupGloo::createDeviceForHostname("127.0.0.1"));
    options->threads = 1;
    group_ = c10::make_intrusive<c10d::ProcessGroupGloo>(
        c10::make_intrusive<c10d::FileStore>(meeting.string(), static_cast<int>(count)),
        static_cast<int>(rank), static_cast<int>(count), options);
  }

  std::uint32_t rank() const override { return rank_; }
  std::uint32_t count() const override { return count_; }

  // One message for all tensors together.
  void sum(std::vector<torch::Tensor>& tensors) override {
    std::vector<torch::Tensor> flat;
    for (const torch::Tensor& tensor : tensors) flat.push_back(tensor.to(torch::kCPU).reshape(-1));
    std::vector<torch::Tensor> message = {torch::cat(flat)};
    group_->allreduce(message)->wait();
    std::int64_t begin = 0;
    for (torch::Tensor& tensor : tensors) {
      tensor.copy_(message[0].slice(0, begin, begin + tensor.numel()).view(tensor.sizes()));
      begin += tensor.numel();
    }
  }

  void share(torch::Tensor& tensor) override {
    std::vector<torch::Tensor> message = {tensor.to(torch::kCPU).contiguous()};
    group_->broadcast(message)->wait();
    tensor.copy_(message[0]);
  }

 private:
  std::uint32_t rank_;
  std::uint32_t count_;
  c10::intrusive_ptr<c10d::ProcessGroupGloo> group_;
};

#endif

}  // namespace

std::unique_ptr<Workers> one_worker() { return std::make_unique<OneWorker>(); }

Result<std::unique_ptr<Workers>> join_workers(const std::filesystem::path& meeting, std::uint32_t rank,
                                              std::uint32_t count) {
#if defined(WINNOW_GLOO)
  return std::unique_ptr<Workers>(std::make_unique<GlooWorkers>(meeting, rank, count));
#else
  static_cast<void>(meeting);
  static_cast<void>(rank);
  return Error{
      ErrorCode::unavailable,
      "--workers is " + std::to_string(count) +
          ", but this winnow-trainer was built without Gloo; install libgloo-dev and build again, or "
          "leave --workers at 1",
      "--workers"};
#endif
}

}  // namespace winnow

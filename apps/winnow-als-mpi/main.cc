// ALS trained by several processes that share the rows among them (models/als/als_team.h), over MPI:
//
//     mpiexec -n 4 winnow-als-mpi INPUT MODEL [DIMS [EPOCHS [SEED]]]
//
// INPUT is a folder of the user-items protocol (docs/evaluation.md), which every process reads; the model is
// trained on its train.txt, written to MODEL by the first process (docs/formats/models.md), and measured on
// its test.txt. The file is the same, byte for byte, with any number of processes on one type of machine.
#include <fmt/format.h>
#include <mpi.h>

#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/file.h"
#include "base/text.h"
#include "batch/evaluate/data.h"
#include "batch/evaluate/rankings.h"
#include "models/als/als.h"

namespace winnow {
namespace {

class MpiTeam final : public AlsTeam {
 public:
  MpiTeam() {
    MPI_Comm_size(MPI_COMM_WORLD, &size_);
    MPI_Comm_rank(MPI_COMM_WORLD, &rank_);
  }
  std::uint32_t size() const override { return static_cast<std::uint32_t>(size_); }
  std::uint32_t rank() const override { return static_cast<std::uint32_t>(rank_); }

  // One broadcast for each member's share, in pieces, since MPI counts in int.
  Status exchange(std::span<float> matrix, std::span<const std::uint64_t> bounds) override {
    constexpr std::uint64_t kPiece = std::uint64_t{1} << 28;
    for (int root = 0; root < size_; ++root) {
      const std::uint64_t end = bounds[static_cast<std::size_t>(root) + 1];
      for (std::uint64_t at = bounds[static_cast<std::size_t>(root)]; at < end; at += kPiece) {
        const auto count = static_cast<int>(std::min(kPiece, end - at));
        if (MPI_Bcast(matrix.data() + at, count, MPI_FLOAT, root, MPI_COMM_WORLD) != MPI_SUCCESS) {
          return Error{ErrorCode::unavailable, "MPI could not exchange the factors; run it again"};
        }
      }
    }
    return {};
  }

 private:
  int size_ = 1;
  int rank_ = 0;
};

constexpr std::string_view kUsage = "usage: mpiexec -n 4 winnow-als-mpi INPUT MODEL [DIMS [EPOCHS [SEED]]]";

Result<std::uint64_t> number_of(const std::vector<std::string>& arguments, std::size_t k,
                                std::uint64_t otherwise) {
  if (k >= arguments.size()) return otherwise;
  const auto value = parse_int(arguments[k]);
  if (!value || *value < 0) {
    return Error{ErrorCode::invalid,
                 "'" + excerpt(arguments[k]) + "' is not a number; " + std::string(kUsage)};
  }
  return static_cast<std::uint64_t>(*value);
}

Status run(const std::vector<std::string>& arguments) {
  if (arguments.size() < 2 || arguments.size() > 5) return Error{ErrorCode::invalid, std::string(kUsage)};
  AlsOptions options;
  WINNOW_TRY(const std::uint64_t dims, number_of(arguments, 2, options.dims));
  WINNOW_TRY(const std::uint64_t epochs, number_of(arguments, 3, options.epochs));
  WINNOW_TRY(options.seed, number_of(arguments, 4, options.seed));
  options.dims = static_cast<std::uint32_t>(dims);
  options.epochs = static_cast<std::uint32_t>(epochs);
  WINNOW_TRY(const EvaluationData data, read_user_items(arguments[0], options.seed));

  MpiTeam team;
  const double began = steady_seconds();
  WINNOW_TRY(const AlsModel model, train_als(data.test.train, options, {}, &team));
  const double seconds = steady_seconds() - began;
  if (team.rank() != 0) return {};
  WINNOW_RETURN_IF_ERROR(write_file_atomically(arguments[1], model.encode()));
  const double ndcg = mean_ndcg(model, data.test, 20, data.users);
  fmt::print("{{\"ranks\": {}, \"dims\": {}, \"epochs\": {}, \"epoch_s\": {:.4f}, \"ndcg@20\": {:.6f}}}\n",
             team.size(), options.dims, options.epochs, seconds / options.epochs, ndcg);
  return {};
}

}  // namespace
}  // namespace winnow

int main(int count, char** arguments) {
  MPI_Init(&count, &arguments);
  const winnow::Status status = winnow::run({arguments + 1, arguments + count});
  if (!status.ok()) {
    std::fprintf(stderr, "error: %s\n", status.error().message.c_str());
    MPI_Abort(MPI_COMM_WORLD, EXIT_FAILURE);
  }
  MPI_Finalize();
  return EXIT_SUCCESS;
}

#include "checkpoint.h"

#include <torch/torch.h>

#include <string>

#include "base/bytes.h"
#include "base/hash.h"

namespace winnow {
namespace {

using torch::Tensor;

Tensor counters_of(const Standing& standing) {
  std::vector<std::int64_t> out = {standing.epoch, standing.best_epoch, standing.fell_after_epoch};
  out.insert(out.end(), standing.schedule.begin(), standing.schedule.end());
  return torch::tensor(out);
}

Standing standing_of(const Tensor& counters, const Tensor& scores) {
  const auto counter = [&](std::int64_t k) {
    return static_cast<std::uint32_t>(counters[k].item<std::int64_t>());
  };
  Standing out;
  out.epoch = counter(0);
  out.best_epoch = counter(1);
  out.fell_after_epoch = counter(2);
  out.schedule.clear();
  for (std::int64_t k = 3; k < counters.size(0); ++k) out.schedule.push_back(counter(k));
  out.ndcg = scores[0].item<double>();
  out.best_ndcg = scores[1].item<double>();
  return out;
}

}  // namespace

std::uint64_t fingerprint(const TrainingSequences& sequences, const TrainerOptions& options) {
  ByteWriter out;
  for (const std::uint32_t value :
       {options.dims, options.layers, options.heads, options.inner, options.length, options.batch_users,
        options.epoch_steps, static_cast<std::uint32_t>(options.softmax), options.negatives,
        options.workers}) {
    out.fixed(value);
  }
  for (const double value : {options.learning_rate, options.weight_decay, options.dropout, options.id_dropout,
                             options.hard_negatives}) {
    out.fixed(value);
  }
  out.fixed(options.seed);
  return hash64(sequences.encode(), hash64(out.bytes()));
}

void save_archive(const std::filesystem::path& path, std::uint64_t identity,
                  torch::serialize::OutputArchive& archive) {
  archive.write("identity", torch::tensor(static_cast<std::int64_t>(identity)));
  const std::filesystem::path unfinished = path.string() + ".new";
  archive.save_to(unfinished.string());
  std::filesystem::rename(unfinished, path);
}

Result<torch::serialize::InputArchive> load_archive(const std::filesystem::path& path,
                                                    std::uint64_t identity) {
  torch::serialize::InputArchive archive;
  Tensor found;
  try {
    archive.load_from(path.string());
    archive.read("identity", found);
  } catch (const c10::Error&) {
    return Error{ErrorCode::corrupt, path.string() + " is no checkpoint, or damaged; remove it to start anew",
                 "--checkpoint"};
  }
  if (static_cast<std::uint64_t>(found.item<std::int64_t>()) != identity) {
    return Error{ErrorCode::conflict,
                 path.string() +
                     " is of other data or options; give those it was made with, or remove it to "
                     "start anew",
                 "--checkpoint"};
  }
  return archive;
}

void save_checkpoint(const std::filesystem::path& path, std::uint64_t identity, const Standing& standing,
                     const Learner& learner, const Snapshot& best) {
  torch::serialize::OutputArchive archive, of_learner, of_best;
  learner.save(of_learner);
  for (std::size_t k = 0; k < best.towers.size(); ++k) of_best.write(std::to_string(k), best.towers[k]);
  of_best.write("ids", best.ids);
  archive.write("counters", counters_of(standing));
  archive.write("scores", torch::tensor({standing.ndcg, standing.best_ndcg}, torch::kDouble));
  archive.write("learner", of_learner);
  archive.write("best", of_best);
  save_archive(path, identity, archive);
}

Result<Standing> load_checkpoint(const std::filesystem::path& path, std::uint64_t identity, Learner& learner,
                                 Snapshot& best) {
  WINNOW_TRY(torch::serialize::InputArchive archive, load_archive(path, identity));
  torch::serialize::InputArchive of_learner, of_best;
  Tensor counters, scores;
  archive.read("counters", counters);
  archive.read("scores", scores);
  archive.read("learner", of_learner);
  archive.read("best", of_best);
  learner.load(of_learner);
  for (std::size_t k = 0; k < best.towers.size(); ++k) of_best.read(std::to_string(k), best.towers[k]);
  of_best.read("ids", best.ids);
  return standing_of(counters, scores);
}

}  // namespace winnow

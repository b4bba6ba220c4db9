#include "learner.h"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace winnow {
namespace {

using torch::Tensor;

constexpr double kSpread = 0.02;            // of the first id embeddings
constexpr std::int64_t kWarmUpSteps = 100;  // in which the learning rate rises to its value
constexpr std::int64_t kRecentUsers = 64;   // whose vectors choose the next step's hard negatives
constexpr std::size_t kVectorsAtOnce = 65'536;

bool wants_full(const TrainerOptions& options, const TrainingSequences& sequences) {
  if (options.softmax != Softmax::automatic) return options.softmax == Softmax::full;
  const double actions = std::min<double>(static_cast<double>(sequences.actions.size()), kEpochPositions);
  return sequences.items <= TrainerOptions::kFullSoftmaxItems &&
         sequences.items * actions <= TrainerOptions::kFullSoftmaxLogits;
}

// Matrices decay; biases and gains do not.
std::vector<torch::optim::OptimizerParamGroup> parameter_groups(TwoTowers& towers, double weight_decay) {
  std::vector<Tensor> matrices;
  std::vector<Tensor> others;
  for (const Tensor& parameter : towers->parameters())
    (parameter.dim() > 1 ? matrices : others).push_back(parameter);
  std::vector<torch::optim::OptimizerParamGroup> groups;
  for (const auto& [parameters, decay] : {std::pair(matrices, weight_decay), std::pair(others, 0.0)}) {
    groups.emplace_back(parameters, std::make_unique<torch::optim::AdamWOptions>(
                                        torch::optim::AdamWOptions().weight_decay(decay)));
  }
  return groups;
}

}  // namespace

Learner::Learner(const TrainingSequences& sequences, const TrainerOptions& options,
                 const TwoTowerShape& shape, torch::Device device, Workers& workers)
    : sequences_(sequences),
      options_(options),
      device_(device),
      workers_(workers),
      towers_(shape, options.dropout) {
  towers_->to(device);
  ids_.emplace((torch::randn({shape.items, shape.dims}) * kSpread).to(device), options.weight_decay);
  optimizer_ = std::make_unique<torch::optim::AdamW>(parameter_groups(towers_, options.weight_decay));
  if (!wants_full(options, sequences)) {
    negatives_ = std::make_unique<NegativeSampler>(
        sequences, NegativeOptions{options.negatives, options.hard_negatives});
  }
  learned_ = torch::zeros({shape.items, 1});
  auto learned = learned_.accessor<float, 2>();
  for (std::uint32_t user = 0; user < sequences.users(); ++user) {
    for (const TowerAction& action : learned_actions(sequences, user)) learned[action.item][0] = 1;
  }
  learned_ = learned_.to(device);
}

Tensor Learner::vectors_of(const Tensor& ids, const Tensor& kept, std::span<const std::int64_t> items) {
  return towers_->item_vectors(ids, kept, bags_of(sequences_.item_features, items, device_));
}

Negatives Learner::choose_negatives(Random& random) {
  const NegativePool pool = negatives_->draw(random);
  const torch::NoGradGuard no_grad;
  const Tensor ids = ids_->table().index_select(0, on_device(pool.items, device_));
  Negatives chosen = negatives_->choose(pool, vectors_of(ids, {}, pool.items), recent_);
  workers_.share(chosen.rows);
  workers_.share(chosen.log_weights);
  return chosen;
}

Learner::StepLoss Learner::step(std::span<const std::uint32_t> users, Random& random) {
  // Every worker lays out all workers' batches, so that all know the step's items without asking.
  std::vector<std::vector<std::uint32_t>> shares(workers_.count());
  for (std::size_t k = 0; k < users.size(); ++k) shares[k % shares.size()].push_back(users[k]);
  std::vector<Batch> batches;
  std::size_t all_positions = 0;
  for (const auto& share : shares) {
    batches.push_back(training_batch(sequences_, share, towers_->shape().length, random));
    all_positions += batches.back().positions.size();
  }
  Negatives negatives;
  std::vector<std::int64_t> negative_items;
  if (!full()) {
    negatives = choose_negatives(random);
    const Tensor rows = negatives.rows.to(torch::kCPU);
    negative_items.assign(rows.data_ptr<std::int64_t>(), rows.data_ptr<std::int64_t>() + rows.numel());
  }
  const StepTable table =
      full() ? StepTable::of_all(sequences_.items) : StepTable::of(batches, negative_items);

  Batch& batch = batches[workers_.rank()];
  table.to_rows(batch.items);
  table.to_rows(batch.targets);
  table.to_rows(negative_items);
  const Tensor rows = full() ? Tensor() : on_device(table.items(), device_);
  Tensor ids = (full() ? ids_->table() : ids_->table().index_select(0, rows)).detach().requires_grad_();
  towers_->train();
  optimizer_->zero_grad();
  StepLoss out;
  if (!batch.positions.empty()) {
    const auto count = static_cast<std::int64_t>(table.items().size());
    const bool drops_ids = towers_->shape().item_buckets > 0 && options_.id_dropout > 0;
    const Tensor kept =
        drops_ids ? (torch::rand({count, 1}, device_) >= options_.id_dropout).to(torch::kFloat) : Tensor();
    const Tensor vectors = vectors_of(ids, kept, table.items());
    const Tensor table_leaf = vectors.detach().requires_grad_();
    // Tokens are leaves of their own: the gradient of the whole table is then written once, not added up.
    const Tensor token_rows = on_device(batch.items, device_);
    const Tensor tokens = vectors.detach().index_select(0, token_rows).requires_grad_();
    std::iota(batch.items.begin(), batch.items.end(), 0);
    const Tensor hidden =
        towers_->user_vectors(batch, tokens, bags_of(sequences_.profiles, batch.users, device_));
    const Tensor targets = on_device(batch.targets, device_);
    if (!full()) negatives.rows = on_device(negative_items, device_);
    const double share = 1 / static_cast<double>(all_positions);
    const Tensor loss =
        full() ? full_softmax_loss(hidden, table_leaf, targets, {share, fastest_products(device_)})
               : sampled_softmax_loss(hidden, table_leaf, targets, negatives) * share;
    loss.backward();
    vectors.backward(table_leaf.grad().index_add_(0, token_rows, tokens.grad()));
    recent_ = hidden.detach().slice(0, 0, kRecentUsers);
    out = {loss.item<double>() * static_cast<double>(all_positions), batch.positions.size()};
  }
  apply_gradients(table, ids);
  return out;
}

void Learner::apply_gradients(const StepTable& table, const Tensor& ids) {
  ++steps_;
  const double warmth = std::min(1.0, static_cast<double>(steps_) / static_cast<double>(kWarmUpSteps));
  const double rate = options_.learning_rate * rate_share_ * warmth;
  std::vector<Tensor> gradients;
  for (Tensor& parameter : towers_->parameters()) {
    if (!parameter.grad().defined()) parameter.mutable_grad() = torch::zeros_like(parameter);
    gradients.push_back(parameter.grad());
  }
  gradients.push_back(ids.grad().defined() ? ids.grad() : torch::zeros_like(ids));
  const torch::NoGradGuard no_grad;
  workers_.sum(gradients);
  for (auto& group : optimizer_->param_groups()) group.options().set_lr(rate);
  optimizer_->step();
  ids_->update(on_device(table.items(), device_), gradients.back(), rate);
}

Tensor Learner::item_vectors() {
  const torch::NoGradGuard no_grad;
  const Tensor ids = towers_->shape().item_buckets > 0 ? ids_->table() * learned_ : ids_->table();
  std::vector<std::int64_t> items;
  for (std::uint32_t item = 0; item < sequences_.items; ++item) items.push_back(item);
  std::vector<Tensor> parts;
  for (std::size_t begin = 0; begin < items.size(); begin += kVectorsAtOnce) {
    const auto part = std::span(items).subspan(begin, std::min(kVectorsAtOnce, items.size() - begin));
    const auto from = static_cast<std::int64_t>(begin);
    parts.push_back(vectors_of(ids.slice(0, from, from + static_cast<std::int64_t>(part.size())), {}, part));
  }
  return torch::cat(parts);
}

Snapshot Learner::snapshot() const {
  Snapshot out;
  for (const Tensor& parameter : towers_->parameters()) out.towers.push_back(parameter.detach().clone());
  out.ids = ids_->table().clone();
  return out;
}

void Learner::restore(const Snapshot& snapshot) {
  const torch::NoGradGuard no_grad;
  std::vector<Tensor> parameters = towers_->parameters();
  for (std::size_t k = 0; k < parameters.size(); ++k) parameters[k].copy_(snapshot.towers[k]);
  ids_->set_table(snapshot.ids);
}

void Learner::save(torch::serialize::OutputArchive& archive) const {
  torch::serialize::OutputArchive towers, optimizer, ids;
  towers_->save(towers);
  optimizer_->save(optimizer);
  ids_->save(ids);
  archive.write("towers", towers);
  archive.write("optimizer", optimizer);
  archive.write("ids", ids);
  archive.write("steps", torch::tensor(steps_));
}

void Learner::load(torch::serialize::InputArchive& archive) {
  torch::serialize::InputArchive towers, optimizer, ids;
  archive.read("towers", towers);
  archive.read("optimizer", optimizer);
  archive.read("ids", ids);
  Tensor steps;
  archive.read("steps", steps);
  towers_->load(towers);
  optimizer_->load(optimizer);
  ids_->load(ids);
  steps_ = steps.item<std::int64_t>();
}

}  // namespace winnow

#include "models/graph/taught_lists.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "math/aligned.h"
#include "math/top_k.h"

namespace winnow {
namespace {

// So many histories are judged together.
constexpr std::uint32_t kBlock = 64;

void add_history(const Interactions& data, std::span<const std::uint64_t> places, Interactions& out) {
  for (const std::uint64_t at : places) {
    out.item.push_back(data.item[at]);
    out.weight.push_back(data.weight[at]);
  }
  out.offsets.push_back(out.item.size());
  ++out.users;
}

std::vector<std::uint64_t> places_of(const Interactions& data, std::uint32_t user) {
  std::vector<std::uint64_t> out(data.items_of(user).size());
  std::iota(out.begin(), out.end(), data.offsets[user]);
  return out;
}

void add_list(std::span<const ScoredRow> best, float sharpness, TaughtLists& out) {
  const std::size_t first = out.share.size();
  float sum = 0;
  for (const ScoredRow& row : best) {
    if (!(row.score > 0)) break;
    out.item.push_back(row.item);
    out.share.push_back(std::pow(row.score / best.front().score, sharpness));
    sum += out.share.back();
  }
  for (float& share : std::span(out.share).subspan(first)) share /= sum;
  out.offsets.push_back(out.item.size());
}

}  // namespace

Interactions histories_of(const Interactions& data, std::uint32_t most, Random& random) {
  std::vector<std::uint32_t> users;
  for (std::uint32_t user = 0; user < data.users; ++user) {
    if (!data.items_of(user).empty()) users.push_back(user);
  }
  random.shuffle(users);
  Interactions out;
  out.items = data.items;
  for (std::size_t u = 0; u < users.size() && out.users < most; ++u)
    add_history(data, places_of(data, users[u]), out);
  for (std::uint32_t round = 0; round < kHalves; ++round) {
    for (std::size_t u = 0; u < users.size() && out.users < most / 2; ++u) {
      std::vector<std::uint64_t> places = places_of(data, users[u]);
      if (places.size() < 2) continue;
      random.shuffle(places);
      places.resize((places.size() + 1) / 2);
      std::ranges::sort(places);
      add_history(data, places, out);
    }
  }
  return out;
}

TaughtLists lists_of(const ScoringModel& teacher, const Interactions& histories, std::size_t most,
                     float sharpness, const TrainProgress& progress) {
  TaughtLists out;
  const std::size_t blocks = (histories.users + kBlock - 1) / kBlock;
  AlignedFloats scores;
  bool stopped = false;
  for (std::size_t block = 0; block < blocks && !stopped; ++block) {
    const auto first = static_cast<std::uint32_t>(block * kBlock);
    const std::uint32_t count = std::min(kBlock, histories.users - first);
    std::vector<std::vector<HistoryEntry>> entries(count);
    for (std::uint32_t h = 0; h < count; ++h) {
      const auto items = histories.items_of(first + h);
      const auto weights = histories.weights_of(first + h);
      for (std::size_t k = 0; k < items.size(); ++k) entries[h].push_back({items[k], weights[k]});
    }
    const std::vector<std::span<const HistoryEntry>> asked(entries.begin(), entries.end());
    scores.resize(std::size_t{count} * histories.items);
    teacher.score_all(asked, scores);
    for (std::uint32_t h = 0; h < count; ++h) {
      const auto row = std::span(scores).subspan(std::size_t{h} * histories.items, histories.items);
      for (const std::uint32_t item : histories.items_of(first + h)) row[item] = kMasked;
      add_list(top_k(row, most), sharpness, out);
    }
    stopped = progress && !progress(block + 1, blocks);
  }
  out.offsets.resize(std::size_t{histories.users} + 1, out.item.size());
  return out;
}

}  // namespace winnow

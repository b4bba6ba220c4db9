// Vectors of our own ALS for bench/ann: items' factors as the base, folded-in users as the queries.
//
//     winnow_ann_als_vectors TRAIN.txt OUT DIMS     TRAIN.txt: a user and their items a line; OUT.base.fbin,
//     OUT.query.fbin
#include <algorithm>
#include <cstdio>
#include <fstream>
#include <numeric>
#include <sstream>
#include <string>

#include "ann_engines/vector_file.h"
#include "base/random.h"
#include "models/als/als.h"

namespace winnow::bench {
namespace {

constexpr std::size_t kQueries = 3000;

Interactions read_interactions(const std::string& path) {
  std::ifstream file(path);
  if (!file) give_up("cannot open " + path);
  Interactions data;
  for (std::string line; std::getline(file, line);) {
    std::istringstream words(line);
    std::uint32_t user = 0;
    words >> user;
    std::vector<std::uint32_t> items;
    for (std::uint32_t item = 0; words >> item;) items.push_back(item);
    std::sort(items.begin(), items.end());
    items.erase(std::unique(items.begin(), items.end()), items.end());
    for (const std::uint32_t item : items) data.items = std::max(data.items, item + 1);
    data.item.insert(data.item.end(), items.begin(), items.end());
    data.offsets.push_back(data.item.size());
    ++data.users;
  }
  data.weight.assign(data.item.size(), 1.0f);
  data.time_ms.assign(data.item.size(), 0);
  return data;
}

int run(int count, char** values) {
  if (count != 4) give_up("usage: winnow_ann_als_vectors TRAIN.txt OUT DIMS");
  const Interactions data = read_interactions(values[1]);
  AlsOptions options;
  options.dims = static_cast<std::uint32_t>(std::stoul(values[3]));
  const auto model = train_als(data, options);
  if (!model.ok()) give_up(model.error().message);
  write_fbin(std::string(values[2]) + ".base.fbin", options.dims, model->item_vectors());

  std::vector<float> queries;
  std::vector<std::uint32_t> users(data.users);
  std::iota(users.begin(), users.end(), 0u);
  Random random(1);
  random.shuffle(users);
  for (std::size_t i = 0; i < std::min(kQueries, users.size()); ++i) {
    std::vector<HistoryEntry> history;
    for (const std::uint32_t item : data.items_of(users[i])) history.push_back({item, 1, 0});
    const std::vector<float> vector = model->fold_in(history);
    queries.insert(queries.end(), vector.begin(), vector.end());
  }
  write_fbin(std::string(values[2]) + ".query.fbin", options.dims, queries);
  return 0;
}

}  // namespace
}  // namespace winnow::bench

int main(int count, char** values) { return winnow::bench::run(count, values); }

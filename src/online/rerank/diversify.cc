#include "online/rerank/diversify.h"

#include <algorithm>
#include <cmath>
#include <utility>
#include <vector>

#include "math/vector_kernels.h"

namespace winnow {
namespace {

float shared_categories(std::span<const NameKey> a, std::span<const NameKey> b) {
  const auto both =
      std::ranges::count_if(a, [&](NameKey category) { return std::ranges::find(b, category) != b.end(); });
  return static_cast<float>(both) / static_cast<float>(std::ssize(a) + std::ssize(b) - both);
}

float cosine(std::span<const float> a, std::span<const float> b) {
  const float squares = dot(a, a) * dot(b, b);
  return squares > 0 ? std::max(0.0f, dot(a, b) / std::sqrt(squares)) : 0;
}

bool before(const Ranked::Entry& a, const Ranked::Entry& b) {
  return a.score != b.score ? a.score > b.score : row(a.item) < row(b.item);
}

}  // namespace

double DiversityOptions::weight_on(std::string_view surface) const {
  const auto here = surface_weight.find(surface);
  return here == surface_weight.end() ? weight : here->second;
}

float likeness(const ItemLikeness& a, const ItemLikeness& b) {
  float sum = 0;
  float parts = 0;
  const auto add = [&](float part) {
    sum += part;
    parts += 1;
  };
  if (!a.categories.empty() && !b.categories.empty()) add(shared_categories(a.categories, b.categories));
  if (a.creator != 0 && b.creator != 0) add(a.creator == b.creator ? 1.0f : 0.0f);
  if (!a.vector.empty() && !b.vector.empty()) add(cosine(a.vector, b.vector));
  return parts > 0 ? sum / parts : 0;
}

void diversify(Ranked& ranked, std::size_t count, double weight, std::size_t pool,
               const std::function<ItemLikeness(ItemIndex)>& likeness_of) {
  std::vector<Ranked::Entry>& entries = ranked.entries;
  const std::size_t n = std::min(entries.size(), std::max(pool, count));
  const auto end = entries.begin() + static_cast<std::ptrdiff_t>(n);
  std::ranges::nth_element(entries, end, before);
  std::vector<ItemLikeness> looks;
  for (std::size_t i = 0; i < n; ++i) looks.push_back(likeness_of(entries[i].item));
  std::vector<float> closest(n, 0.0f);  // to what was chosen

  ranked.sorted = std::min(count, n);
  for (std::size_t place = 0; place < ranked.sorted; ++place) {
    const auto value = [&](std::size_t i) {
      return entries[i].score - static_cast<float>(weight) * closest[i];
    };
    std::size_t best = place;
    for (std::size_t i = place + 1; i < n; ++i) {
      const bool better =
          value(i) != value(best) ? value(i) > value(best) : row(entries[i].item) < row(entries[best].item);
      if (better) best = i;
    }
    const float chosen_by = value(best);
    std::swap(entries[place], entries[best]);
    std::swap(looks[place], looks[best]);
    std::swap(closest[place], closest[best]);
    entries[place].score = chosen_by;
    for (std::size_t i = place + 1; i < n; ++i)
      closest[i] = std::max(closest[i], likeness(looks[place], looks[i]));
  }
}

}  // namespace winnow

#include "batch/clean/pairs.h"

#include <algorithm>
#include <numeric>

namespace winnow {

namespace {

// Adds the evidence of one user and item, in order of time, as at most one pair.
void add_pair(const Evidence& evidence, const std::vector<std::size_t>& order, std::size_t begin,
              std::size_t end, Merged& out) {
  double weight = 0;
  bool liked = false;
  std::size_t newest = order[begin];
  Signal last = Signal::neutral;
  for (std::size_t k = begin; k < end; ++k) {
    const std::size_t i = order[k];
    if (evidence.signal[i] != Signal::neutral) last = evidence.signal[i];
    if (evidence.weight[i] <= 0) continue;
    weight += evidence.weight[i];
    liked = liked || evidence.signal[i] == Signal::positive;
    newest = i;
  }
  if (last == Signal::negative) {
    ++out.disliked;
    out.by_dislike += end - begin;
    return;
  }
  out.merged += end - begin - 1;
  out.pairs.user.push_back(evidence.user[order[begin]]);
  out.pairs.item.push_back(evidence.item[order[begin]]);
  out.pairs.weight.push_back(static_cast<float>(weight));
  out.pairs.liked.push_back(liked ? 1 : 0);
  out.pairs.action.push_back(evidence.action[newest]);
  out.pairs.time_ms.push_back(evidence.time_ms[newest]);
}

}  // namespace

Merged merge_pairs(Evidence evidence) {
  Merged out;
  std::vector<std::size_t> order;
  for (std::size_t begin = 0; begin < evidence.size();) {
    std::size_t end = begin + 1;
    while (end < evidence.size() && evidence.user[end] == evidence.user[begin]) ++end;
    order.resize(end - begin);
    std::iota(order.begin(), order.end(), begin);
    // By item; within one, the order of time is the order of index.
    std::sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
      return evidence.item[a] != evidence.item[b] ? evidence.item[a] < evidence.item[b] : a < b;
    });
    for (std::size_t first = 0; first < order.size();) {
      std::size_t last = first + 1;
      while (last < order.size() && evidence.item[order[last]] == evidence.item[order[first]]) ++last;
      add_pair(evidence, order, first, last, out);
      first = last;
    }
    begin = end;
  }
  return out;
}

}  // namespace winnow

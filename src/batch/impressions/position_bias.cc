#include "batch/impressions/position_bias.h"

#include <algorithm>
#include <cmath>
#include <span>

namespace winnow {

namespace {

struct Block {
  double rate;
  double weight;
  std::size_t places;
};

// The falling sequence nearest to the rates in weighted squares: pool adjacent violators.
std::vector<double> falling(const std::vector<double>& rates, const std::vector<double>& weights) {
  std::vector<Block> blocks;
  for (std::size_t i = 0; i < rates.size(); ++i) {
    Block block{rates[i], weights[i], 1};
    while (!blocks.empty() && blocks.back().rate < block.rate) {
      const Block& last = blocks.back();
      const double weight = last.weight + block.weight;
      block = {(last.rate * last.weight + block.rate * block.weight) / weight, weight,
               last.places + block.places};
      blocks.pop_back();
    }
    blocks.push_back(block);
  }
  std::vector<double> out;
  for (const Block& block : blocks) out.insert(out.end(), block.places, block.rate);
  return out;
}

}  // namespace

void PositionBias::count(const ImpressionGroup& group, std::size_t heads, std::size_t head) {
  for (std::size_t r = 0; r < group.rows.size(); ++r) {
    const GroupRow& row = group.rows[r];
    const float label = group.labels[r * heads + head];
    if (!row.explored || row.place == 0 || std::isnan(label)) continue;
    std::vector<Place>& places = surfaces_[group.surface];
    const std::size_t place = std::min<std::size_t>(row.place, options_.max_places) - 1;
    if (places.size() <= place) places.resize(place + 1);
    places[place].shown += 1;
    places[place].clicked += label > 0 ? 1 : 0;
    ++explored_;
  }
}

double PositionBias::total_shown(const std::vector<Place>& places) {
  double shown = 0;
  for (const Place& place : places) shown += place.shown;
  return shown;
}

std::vector<PositionBias::Place> PositionBias::places_of(std::uint32_t surface) const {
  if (const auto own = surfaces_.find(surface);
      own != surfaces_.end() && total_shown(own->second) >= static_cast<double>(options_.least_impressions)) {
    return own->second;
  }
  std::vector<Place> all;
  for (const auto& [number, places] : surfaces_) {
    if (all.size() < places.size()) all.resize(places.size());
    for (std::size_t i = 0; i < places.size(); ++i) {
      all[i].shown += places[i].shown;
      all[i].clicked += places[i].clicked;
    }
  }
  return all;
}

std::vector<double> PositionBias::propensities(std::uint32_t surface) const {
  const std::vector<Place> places = places_of(surface);
  const double shown = total_shown(places);
  double clicked = 0;
  for (const Place& place : places) clicked += place.clicked;
  if (shown < static_cast<double>(options_.least_impressions) || clicked == 0) return {};
  const double overall = clicked / shown;
  std::vector<double> rates;
  std::vector<double> weights;
  for (const Place& place : places) {
    weights.push_back(place.shown + options_.prior_impressions);
    rates.push_back((place.clicked + options_.prior_impressions * overall) / weights.back());
  }
  std::vector<double> propensities = falling(rates, weights);
  const double first = propensities.front();
  for (double& p : propensities) p = std::clamp(p / first, options_.least_propensity, 1.0);
  return propensities;
}

void PositionBias::weigh(TrainingSet& set, std::size_t head) const {
  RankingSet& ranking = set.ranking;
  std::vector<std::vector<double>> by_surface;
  for (std::uint32_t s = 0; s < set.surface_names.size(); ++s) by_surface.push_back(propensities(s));
  for (std::size_t g = 0; g < ranking.group_count(); ++g) {
    const std::vector<double>& propensity = by_surface[set.surfaces[g]];
    if (propensity.empty()) continue;
    for (std::size_t r = ranking.groups[g]; r < ranking.groups[g + 1]; ++r) {
      if (!(ranking.labels_of(r)[head] > 0) || set.places[r] == 0) continue;
      const std::size_t place = std::min<std::size_t>(set.places[r], propensity.size()) - 1;
      ranking.weights[r] = static_cast<float>(1 / propensity[place]);
    }
  }
}

void PositionBias::save(ByteWriter& out) const {
  out.varint(explored_);
  out.varint(surfaces_.size());
  for (const auto& [surface, places] : surfaces_) {
    out.varint(surface);
    out.array(std::span<const Place>(places));
  }
}

void PositionBias::restore(ByteReader& in) {
  explored_ = in.varint();
  for (std::uint64_t left = in.varint(); left > 0 && !in.failed(); --left) {
    const auto surface = static_cast<std::uint32_t>(in.varint());
    surfaces_[surface] = in.array<Place>();
  }
}

}  // namespace winnow

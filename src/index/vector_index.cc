#include "index/vector_index.h"

#include <fmt/format.h>

#include <array>

#include "base/text.h"

namespace winnow {

namespace {

constexpr std::array kKinds = {IndexKind::flat, IndexKind::ivf_int8, IndexKind::ivf_int4, IndexKind::hnsw};
constexpr std::array kMetrics = {Metric::inner_product, Metric::cosine, Metric::l2};

}  // namespace

std::string_view name_of(IndexKind kind) {
  switch (kind) {
    case IndexKind::flat:
      return "flat";
    case IndexKind::ivf_int8:
      return "ivf_int8";
    case IndexKind::ivf_int4:
      return "ivf_int4";
    case IndexKind::hnsw:
      return "hnsw";
  }
  return "flat";
}

Result<IndexKind> parse_index_kind(std::string_view name) {
  for (const IndexKind kind : kKinds) {
    if (name_of(kind) == name) return kind;
  }
  return Error{
      ErrorCode::invalid,
      fmt::format("\"{}\" is no kind of index: give flat, ivf_int8, ivf_int4 or hnsw", excerpt(name)),
      "kind"};
}

std::string_view name_of(Metric metric) {
  switch (metric) {
    case Metric::inner_product:
      return "ip";
    case Metric::cosine:
      return "cosine";
    case Metric::l2:
      return "l2";
  }
  return "ip";
}

Result<Metric> parse_metric(std::string_view name) {
  for (const Metric metric : kMetrics) {
    if (name_of(metric) == name) return metric;
  }
  return Error{ErrorCode::invalid, fmt::format("\"{}\" is no metric: give ip, cosine or l2", excerpt(name)),
               "metric"};
}

}  // namespace winnow

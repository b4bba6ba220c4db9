#include "index/snapshot.h"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <cmath>

#include "base/bytes.h"
#include "index/flat_index.h"
#include "index/ivf_index.h"
#include "index/scan_kernels.h"
#include "index/snapshot_file.h"
#include "index/tune.h"

namespace winnow {

namespace {

constexpr std::uint32_t kMostDims = 8192;

// The numbers that the sections of an index hang on.
struct Meta {
  IndexKind kind = IndexKind::flat;
  Metric metric = Metric::inner_product;
  std::uint32_t dims = 0;
  std::uint32_t rows = 0;
  std::uint32_t items = 0;
  std::uint32_t lists = 0;
  std::uint32_t trained_items = 0;
  float mean_square = 1;
  std::vector<float> space_mean;
  std::uint64_t rotation_seed = 0;
  float scale = 1;
  float centroid_scale = 1;
  std::vector<float> code_mean;
  float code_deviation = 1;
  float code_error = 0;
  IndexProfile profile;
};

std::string encode(const Meta& meta) {
  ByteWriter out;
  out.fixed(meta.kind);
  out.fixed(meta.metric);
  for (const std::uint32_t value : {meta.dims, meta.rows, meta.items, meta.lists, meta.trained_items})
    out.fixed(value);
  out.fixed(meta.mean_square);
  out.array(std::span<const float>(meta.space_mean));
  out.fixed(meta.rotation_seed);
  out.fixed(meta.scale);
  out.fixed(meta.centroid_scale);
  out.array(std::span<const float>(meta.code_mean));
  out.fixed(meta.code_deviation);
  out.fixed(meta.code_error);
  const Tuning& tuning = meta.profile.tuning;
  for (const std::uint32_t value :
       {tuning.limit, tuning.effort.nprobe, tuning.effort.rerank, tuning.queries}) {
    out.fixed(value);
  }
  out.fixed(tuning.effort.reach);
  out.fixed(tuning.target_recall);
  out.fixed(tuning.recall);
  out.array(std::span<const float>(meta.profile.health.query));
  out.array(std::span<const ScoredRow>(meta.profile.health.answer));
  return out.take();
}

bool all_finite(std::span<const float> values) {
  return std::all_of(values.begin(), values.end(), [](float x) { return std::isfinite(x); });
}

// Nothing when the bytes are not what encode() writes, or wrote when it made files of that version.
std::optional<Meta> decode(std::string_view bytes, std::uint32_t version) {
  ByteReader in(bytes);
  Meta meta;
  meta.kind = in.fixed<IndexKind>();
  meta.metric = in.fixed<Metric>();
  for (std::uint32_t* value : {&meta.dims, &meta.rows, &meta.items, &meta.lists, &meta.trained_items}) {
    *value = in.fixed<std::uint32_t>();
  }
  meta.mean_square = in.fixed<float>();
  meta.space_mean = in.array<float>();
  meta.rotation_seed = in.fixed<std::uint64_t>();
  meta.scale = in.fixed<float>();
  meta.centroid_scale = in.fixed<float>();
  meta.code_mean = in.array<float>();
  if (version >= 2) {
    meta.code_deviation = in.fixed<float>();
    meta.code_error = in.fixed<float>();
  } else {
    // Of 8-bit codes, whose range is about four deviations either way; steps err by a twelfth of their
    // square.
    meta.code_deviation = 32 / meta.scale;
    meta.code_error = 0.29f / meta.scale;
  }
  Tuning& tuning = meta.profile.tuning;
  for (std::uint32_t* value :
       {&tuning.limit, &tuning.effort.nprobe, &tuning.effort.rerank, &tuning.queries}) {
    *value = in.fixed<std::uint32_t>();
  }
  tuning.effort.reach = in.fixed<float>();
  tuning.target_recall = in.fixed<float>();
  tuning.recall = in.fixed<float>();
  meta.profile.health.query = in.array<float>();
  meta.profile.health.answer = in.array<ScoredRow>();
  const std::size_t health_dims = meta.profile.health.query.size();
  if (in.failed() || !in.at_end() || meta.kind > IndexKind::hnsw || meta.metric > Metric::l2 ||
      meta.dims == 0 || meta.dims > kMostDims || meta.items > meta.rows || meta.rows > (1u << 30) ||
      !(meta.mean_square > 0) || !std::isfinite(meta.mean_square) || !std::isfinite(meta.scale) ||
      !std::isfinite(meta.centroid_scale) || !std::isfinite(meta.code_deviation) ||
      !std::isfinite(meta.code_error) || !all_finite(meta.space_mean) || !all_finite(meta.code_mean) ||
      (health_dims != 0 && health_dims != meta.dims) ||
      meta.space_mean.size() != (meta.metric == Metric::l2 ? meta.dims : 0)) {
    return std::nullopt;
  }
  return meta;
}

template <class T>
std::string_view as_bytes(std::span<const T> values) {
  return {reinterpret_cast<const char*>(values.data()), values.size_bytes()};
}

// Sections begin on pages, so any element is aligned.
template <class T>
std::span<const T> as_values(std::string_view bytes) {
  return {reinterpret_cast<const T*>(bytes.data()), bytes.size() / sizeof(T)};
}

std::span<const float> values_of(const StoredVectors& vectors) {
  return {vectors.data, std::size_t{vectors.rows} * vectors.dims};
}

Meta describe(const VectorIndex& index, const MetricSpace& space) {
  const IndexInfo info = index.info();
  Meta meta;
  meta.kind = info.kind;
  meta.metric = info.metric;
  meta.dims = info.dims;
  meta.rows = info.rows;
  meta.items = info.items;
  meta.lists = info.lists;
  meta.mean_square = space.mean_square();
  meta.space_mean.assign(space.mean().begin(), space.mean().end());
  meta.profile = index.profile();
  return meta;
}

Status save_flat(const FlatIndex& index, const std::filesystem::path& path) {
  const std::string meta = encode(describe(index, index.space()));
  const Section sections[] = {{SectionId::meta, meta},
                              {SectionId::rows, as_bytes(index.rows())},
                              {SectionId::vectors, as_bytes(values_of(index.vectors()))}};
  return write_sections(path, sections);
}

Status save_ivf(const IvfIndex& index, const std::filesystem::path& path) {
  const IvfParts& parts = index.parts();
  Meta meta = describe(index, parts.space);
  const Quantizer::Parameters& quantizer = parts.quantizer.parameters();
  meta.trained_items = parts.trained_items;
  meta.rotation_seed = quantizer.rotation_seed;
  meta.scale = quantizer.scale;
  meta.centroid_scale = parts.centroid_scale;
  meta.code_mean = quantizer.mean;
  meta.code_deviation = quantizer.deviation;
  meta.code_error = quantizer.error;
  const std::string encoded = encode(meta);
  const Section sections[] = {{SectionId::meta, encoded},
                              {SectionId::centroids, as_bytes(parts.centroids)},
                              {SectionId::list_begin, as_bytes(parts.list_begin)},
                              {SectionId::row_at, as_bytes(parts.row_at)},
                              {SectionId::live, as_bytes(parts.live)},
                              {SectionId::block_length, as_bytes(parts.block_length)},
                              {SectionId::shapes, as_bytes(parts.shapes)},
                              {SectionId::codes, as_bytes(parts.codes)},
                              {SectionId::vectors, as_bytes(values_of(parts.vectors))}};
  return write_sections(path, sections);
}

// What a loaded index must hold for no search to read outside it; empty when all is well.
std::string_view fault_of(const Meta& meta, const IvfParts& parts) {
  if (parts.lists == 0 || parts.lists > meta.rows + 64 ||
      parts.list_begin.size() != std::size_t{parts.lists} + 1) {
    return "its lists";
  }
  std::uint32_t before = 0;
  for (const std::uint32_t begin : parts.list_begin) {
    if (begin < before) return "its lists";
    before = begin;
  }
  const std::size_t blocks = parts.blocks();
  const std::size_t positions = blocks * kBlockItems;
  const std::size_t centroid_blocks = (std::size_t{parts.lists} + kBlockItems - 1) / kBlockItems;
  if (parts.list_begin.front() != 0 || positions >= 0x80000000u || parts.row_at.size() != positions ||
      parts.live.size() != blocks || parts.block_length.size() != blocks ||
      parts.shapes.size() != parts.lists || parts.codes.size() != positions * parts.quantizer.code_bytes() ||
      parts.centroids.size() != centroid_blocks * block_bytes(parts.vectors.dims, CodeWidth::int8)) {
    return "its sections do not fit each other";
  }
  std::uint32_t items = 0;
  for (std::size_t block = 0; block < parts.live.size(); ++block) {
    for (unsigned bits = parts.live[block]; bits != 0; bits &= bits - 1) {
      const std::size_t position = block * kBlockItems + static_cast<std::size_t>(std::countr_zero(bits));
      if (parts.row_at[position] >= meta.rows) return "a row out of range";
      ++items;
    }
  }
  return items == meta.items ? "" : "its number of items";
}

// Version 1 had two numbers a list; lists began on blocks, whose length is that of the longest vector. For l2
// the numbers served no purpose: such lists are taken to hold anything, and are read whole.
IvfParts with_shapes_of_version_1(IvfParts parts, const SnapshotFile& file) {
  struct Pair {
    float cohesion;
    float spread;
  };
  struct Memory {
    std::vector<ListShape> shapes;
    std::shared_ptr<const void> file;
  };
  auto memory = std::make_shared<Memory>();
  memory->file = file.owner();
  for (const Pair& pair : as_values<Pair>(file.section(SectionId::shapes))) {
    const std::size_t list = memory->shapes.size();
    const std::size_t block = list < parts.list_begin.size() ? parts.list_begin[list] / kBlockItems : 0;
    const float longest = block < parts.block_length.size() ? parts.block_length[block] : 0;
    memory->shapes.push_back(parts.space.metric() == Metric::l2
                                 ? ListShape{0, 1e9f, 1}
                                 : ListShape{pair.cohesion, pair.spread, longest});
  }
  parts.shapes = memory->shapes;
  parts.owner = std::move(memory);
  return parts;
}

Result<std::unique_ptr<VectorIndex>> restore(const std::filesystem::path& path, const SnapshotFile& file,
                                             CpuLevel cpu) {
  const auto damaged = [&](std::string_view what) {
    return Error{ErrorCode::corrupt,
                 fmt::format("{} is damaged: {}; build the index anew, or take the previous snapshot",
                             path.string(), what)};
  };
  std::optional<Meta> meta = decode(file.section(SectionId::meta), file.version());
  if (!meta) return damaged("its description");
  MetricSpace space = MetricSpace::restore(meta->metric, meta->dims, meta->space_mean, meta->mean_square);
  const std::span<const float> values = as_values<float>(file.section(SectionId::vectors));
  if (values.size() != std::size_t{meta->rows} * space.stored_dims())
    return damaged("the size of its vectors");
  StoredVectors vectors = {values.data(), space.stored_dims(), meta->rows, file.owner()};

  std::unique_ptr<VectorIndex> index;
  if (meta->kind == IndexKind::flat) {
    const auto rows = as_values<std::uint32_t>(file.section(SectionId::rows));
    const bool rising = std::adjacent_find(rows.begin(), rows.end(), std::greater_equal<>()) == rows.end();
    if (rows.size() != meta->items || !rising || (!rows.empty() && rows.back() >= meta->rows))
      return damaged("its rows");
    index = std::make_unique<FlatIndex>(std::move(space), std::move(vectors),
                                        std::vector<std::uint32_t>(rows.begin(), rows.end()), cpu);
  } else if (meta->kind == IndexKind::ivf_int8 || meta->kind == IndexKind::ivf_int4) {
    if (meta->code_mean.size() != space.stored_dims()) return damaged("its description");
    const CodeWidth width = meta->kind == IndexKind::ivf_int8 ? CodeWidth::int8 : CodeWidth::int4;
    IvfParts parts = {std::move(space),
                      Quantizer({width, meta->rotation_seed, meta->scale, std::move(meta->code_mean),
                                 meta->code_deviation, meta->code_error}),
                      std::move(vectors)};
    parts.lists = meta->lists;
    parts.items = meta->items;
    parts.trained_items = meta->trained_items;
    parts.centroids = as_values<std::uint8_t>(file.section(SectionId::centroids));
    parts.list_begin = as_values<std::uint32_t>(file.section(SectionId::list_begin));
    parts.codes = as_values<std::uint8_t>(file.section(SectionId::codes));
    parts.row_at = as_values<std::uint32_t>(file.section(SectionId::row_at));
    parts.live = as_values<std::uint16_t>(file.section(SectionId::live));
    parts.centroid_scale = meta->centroid_scale;
    parts.block_length = as_values<float>(file.section(SectionId::block_length));
    parts.shapes = as_values<ListShape>(file.section(SectionId::shapes));
    parts.owner = file.owner();
    if (file.version() == 1) parts = with_shapes_of_version_1(std::move(parts), file);
    const std::string_view fault = fault_of(*meta, parts);
    if (!fault.empty()) return damaged(fault);
    index = std::make_unique<IvfIndex>(std::move(parts), cpu);
  } else {
    return damaged("its kind");
  }
  index->set_profile(std::move(meta->profile));
  return index;
}

}  // namespace

Status save_index(const VectorIndex& index, const std::filesystem::path& path) {
  if (const auto* const ivf = dynamic_cast<const IvfIndex*>(&index)) return save_ivf(*ivf, path);
  if (const auto* const flat = dynamic_cast<const FlatIndex*>(&index)) return save_flat(*flat, path);
  return Error{
      ErrorCode::unsupported,
      fmt::format("an index of kind {} is not kept in a file: build it from its vectors, or use ivf_int8",
                  name_of(index.info().kind)),
      "kind"};
}

Result<std::unique_ptr<VectorIndex>> load_index(const std::filesystem::path& path,
                                                const LoadIndexOptions& options) {
  WINNOW_TRY(const SnapshotFile file, SnapshotFile::open(path, {.verify_all = options.verify_all,
                                                                .into_memory = options.into_memory}));
  WINNOW_TRY(std::unique_ptr<VectorIndex> index,
             restore(path, file, options.cpu.value_or(best_cpu_level(kHighestScanLevel))));
  if (options.check_health) {
    if (auto healthy = check_health(*index); !healthy.ok())
      return while_doing(path.string(), healthy.error());
  }
  return index;
}

}  // namespace winnow

#include "index/kmeans.h"

#include <algorithm>
#include <cmath>
#include <thread>

#include "base/random.h"
#include "index/quantizer.h"

namespace winnow {

namespace {

constexpr std::uint32_t kAtOnce = 4;  // points per call of the kernel

// Calls work(first, last) on `threads` even parts of [0, count), each a multiple of kAtOnce but the last.
template <class Work>
void in_parallel(std::size_t count, std::uint32_t threads, const Work& work) {
  const std::size_t groups = (count + kAtOnce - 1) / kAtOnce;
  const std::size_t parts = std::clamp<std::size_t>(threads, 1, std::max<std::size_t>(groups, 1));
  const auto bound = [&](std::size_t part) { return std::min(count, groups * part / parts * kAtOnce); };
  std::vector<std::jthread> others;
  for (std::size_t part = 1; part < parts; ++part) {
    others.emplace_back([&work, first = bound(part), last = bound(part + 1)] { work(first, last); });
  }
  work(0, bound(1));
}

// The bytes with which a point looks for its centroid.
void quantise_point(const ClusteringInput& input, std::span<const float> point, std::span<float> scratch,
                    std::int8_t* out) {
  std::copy(point.begin(), point.end(), scratch.begin());
  input.rotation.apply(scratch);
  Quantizer::quantise_query(scratch, CodeWidth::int8, out);
}

// Rotates centroids and scales them together, so that their scores compare.
Centroids pack(const ClusteringInput& input, std::span<const float> centroids, std::uint32_t lists) {
  const std::uint32_t dims = input.vectors.dims;
  std::vector<float> rotated(centroids.begin(), centroids.end());
  float largest = 0;
  for (std::uint32_t list = 0; list < lists; ++list) {
    input.rotation.apply(std::span(rotated).subspan(std::size_t{list} * dims, dims));
  }
  for (const float x : rotated) largest = std::max(largest, std::abs(x));
  const float scale = largest > 0 ? 127 / largest : 0;
  const std::uint32_t blocks = (lists + kBlockItems - 1) / kBlockItems;
  Centroids packed;
  packed.scale = scale;
  packed.codes.assign(std::size_t{blocks} * block_bytes(dims, CodeWidth::int8), 128);
  std::vector<std::uint8_t> code(dims);
  for (std::uint32_t list = 0; list < lists; ++list) {
    for (std::uint32_t d = 0; d < dims; ++d) {
      code[d] = static_cast<std::uint8_t>(std::lrintf(rotated[std::size_t{list} * dims + d] * scale) + 128);
    }
    put_code(code.data(), dims, packed.codes.data() + std::size_t{list / kBlockItems} * kBlockItems * dims,
             list % kBlockItems);
  }
  return packed;
}

// The sample that k-means sees, ready for the kernel.
struct Sample {
  std::uint32_t size = 0;
  AlignedFloats points;            // size x dims
  std::vector<std::int8_t> bytes;  // size rounded up to kAtOnce, x dims
};

// Evenly from all rows, in an order drawn by chance: the first points of it are a sample too.
Sample draw_sample(const ClusteringInput& input, std::size_t wanted, Random& random) {
  const std::uint32_t dims = input.vectors.dims;
  const std::size_t size = std::min(wanted, input.rows.size());
  std::vector<std::uint32_t> rows(size);
  for (std::size_t i = 0; i < size; ++i) rows[i] = input.rows[(2 * i + 1) * input.rows.size() / (2 * size)];
  random.shuffle(rows);
  Sample sample;
  sample.size = static_cast<std::uint32_t>(size);
  sample.points.resize(size * dims);
  sample.bytes.resize((size + kAtOnce - 1) / kAtOnce * kAtOnce * dims);
  std::vector<float> scratch(dims);
  for (std::size_t i = 0; i < size; ++i) {
    const std::span<float> point = std::span(sample.points).subspan(i * dims, dims);
    input.space.as_point(input.vectors.row(rows[i]), point);
    quantise_point(input, point, scratch, sample.bytes.data() + i * dims);
  }
  return sample;
}

// The mean of each list's points, as a centroid; an empty list starts again from a random point. list_of: of
// the first points of the sample.
void move_centroids(const ClusteringInput& input, const Sample& sample,
                    std::span<const std::uint32_t> list_of, Random& random, std::vector<float>& centroids) {
  const std::uint32_t dims = input.vectors.dims;
  std::vector<std::uint32_t> members(centroids.size() / dims);
  std::fill(centroids.begin(), centroids.end(), 0.0f);
  for (std::size_t i = 0; i < list_of.size(); ++i) {
    ++members[list_of[i]];
    const float* const point = sample.points.data() + i * dims;
    float* const sum = centroids.data() + std::size_t{list_of[i]} * dims;
    for (std::uint32_t d = 0; d < dims; ++d) sum[d] += point[d];
  }
  for (std::size_t list = 0; list < members.size(); ++list) {
    const std::span<float> centroid = std::span(centroids).subspan(list * dims, dims);
    if (members[list] == 0) {
      const float* const point = sample.points.data() + std::size_t{random.below(sample.size)} * dims;
      std::copy(point, point + dims, centroid.begin());
    } else {
      for (float& x : centroid) x /= static_cast<float>(members[list]);
    }
    input.space.finish_centroid(centroid);
  }
}

}  // namespace

Centroids find_centroids(const ClusteringInput& input, const ClusteringOptions& options) {
  const std::uint32_t dims = input.vectors.dims;
  Random random(options.seed);
  const Sample sample = draw_sample(input, std::size_t{options.lists} * options.sample_per_list, random);
  std::vector<float> centroids(std::size_t{options.lists} * dims);
  if (sample.size == 0) return pack(input, centroids, options.lists);

  for (std::uint32_t list = 0; list < options.lists; ++list) {
    const float* const point = sample.points.data() + std::size_t{list % sample.size} * dims;
    const std::span<float> centroid = std::span(centroids).subspan(std::size_t{list} * dims, dims);
    std::copy(point, point + dims, centroid.begin());
    input.space.finish_centroid(centroid);
  }
  std::vector<std::uint32_t> list_of(sample.bytes.size() / dims);
  for (std::uint32_t round = 0; round < options.iterations; ++round) {
    // The first rounds move centroids far, which takes few points to see.
    const std::size_t seen = round < options.iterations / 2 ? (sample.size + 3) / 4 : sample.size;
    const Centroids packed = pack(input, centroids, options.lists);
    in_parallel(seen, options.threads, [&](std::size_t first, std::size_t last) {
      for (std::size_t i = first; i < last; i += kAtOnce) {
        input.kernels.nearest(packed.codes.data(), options.lists, sample.bytes.data() + i * dims, dims,
                              &list_of[i]);
      }
    });
    move_centroids(input, sample, std::span(list_of).first(seen), random, centroids);
  }
  return pack(input, centroids, options.lists);
}

std::vector<std::uint32_t> nearest_lists(const ClusteringInput& input,
                                         std::span<const std::uint8_t> centroids, std::uint32_t lists,
                                         std::uint32_t threads) {
  const std::uint32_t dims = input.vectors.dims;
  std::vector<std::uint32_t> list_of((input.rows.size() + kAtOnce - 1) / kAtOnce * kAtOnce);
  in_parallel(input.rows.size(), threads, [&](std::size_t first, std::size_t last) {
    std::vector<float> point(dims);
    std::vector<float> scratch(dims);
    std::vector<std::int8_t> bytes(std::size_t{kAtOnce} * dims);
    for (std::size_t i = first; i < last; i += kAtOnce) {
      for (std::size_t p = 0; p < std::min<std::size_t>(kAtOnce, last - i); ++p) {
        input.space.as_point(input.vectors.row(input.rows[i + p]), point);
        quantise_point(input, point, scratch, bytes.data() + p * dims);
      }
      input.kernels.nearest(centroids.data(), lists, bytes.data(), dims, &list_of[i]);
    }
  });
  list_of.resize(input.rows.size());
  return list_of;
}

}  // namespace winnow

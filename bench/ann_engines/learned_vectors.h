// Vectors as models learn them, made without data: matrix factorisation on interactions drawn from a made-up
// taste.
//
//     mf          logistic matrix factorisation with sampled negatives: items of unequal length, clusters of
//     unequal size two_tower   the same with vectors of length 1 and a temperature, as two-tower models end
//     continuous  no planted clusters: items lie on a smooth 32-dimensional latent sphere, users take the
//     best of samples gaussian    no structure at all: independent normal coordinates, which no index likes
#pragma once

#include <cstdint>
#include <string>

#include "math/aligned.h"

namespace winnow::bench {

struct LearnedOptions {
  std::string shape = "mf";
  std::uint32_t items = 1'000'000;
  std::uint32_t dims = 128;  // a multiple of 16
  std::uint32_t queries = 10'000;
  std::uint32_t users = 0;  // 0: items / 4
  double events_per_user = 60;
  std::uint32_t epochs = 3;
  std::uint64_t seed = 7;
};

struct LearnedVectors {
  AlignedFloats items;    // items x dims
  AlignedFloats queries;  // queries x dims: vectors of users
};

LearnedVectors learn_vectors(const LearnedOptions& options);

}  // namespace winnow::bench

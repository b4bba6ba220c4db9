// How many threads arithmetic may use: libtorch's own and those of the BLAS beneath it.
#pragma once

#include <ATen/Parallel.h>
#include <cblas.h>

namespace winnow {

// libtorch does not hand its setting on to OpenBLAS, which would take every core.
inline void use_threads(int count) {
  at::set_num_threads(count);
  openblas_set_num_threads(count);
}

}  // namespace winnow

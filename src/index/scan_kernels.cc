#include "index/scan_kernels.h"

namespace winnow {

const ScanKernels& scan_kernels(CpuLevel level) {
#if defined(__x86_64__)
  if (level == CpuLevel::avx512_vnni) return avx512::kScanKernels;
  if (level == CpuLevel::avx2) return avx2::kScanKernels;
#endif
  static_cast<void>(level);
  return portable::kScanKernels;
}

}  // namespace winnow

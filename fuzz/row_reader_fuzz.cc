// Delimited rows and lines from arbitrary bytes: the first byte chooses the format, and gzip is found by its
// own magic.
#include <sys/mman.h>
#include <unistd.h>

#include <cstdint>
#include <cstdlib>
#include <string>

#include "adapters/files/row_reader.h"
#include "base/check.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const int fd = ::memfd_create("rows", MFD_CLOEXEC);
  WINNOW_CHECK(fd >= 0);
  const bool written = ::write(fd, data + 1, size - 1) == static_cast<ssize_t>(size - 1);
  WINNOW_CHECK(written);
  auto source = winnow::ByteSource::open("/proc/self/fd/" + std::to_string(fd));
  WINNOW_CHECK(source.ok());
  winnow::RowReader rows(std::move(*source), {.separator = data[0] % 2 == 0 ? "," : "::",
                                              .quotes = data[0] % 4 < 2,
                                              .whole_lines = data[0] % 8 == 7,
                                              .max_row_bytes = 300});
  std::uint64_t line = 0;
  for (;;) {
    const auto row = rows.next();
    if (!row.ok() || !row->has_value()) break;
    WINNOW_CHECK((*row)->line > line);
    WINNOW_CHECK((*row)->fields.empty() == !(*row)->problem.empty());
    line = (*row)->line;
  }
  ::close(fd);
  return 0;
}

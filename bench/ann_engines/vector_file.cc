#include "ann_engines/vector_file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "base/file_descriptor.h"

namespace winnow::bench {

namespace {

struct Closer {
  void operator()(std::FILE* file) const { std::fclose(file); }
};
using File = std::unique_ptr<std::FILE, Closer>;

constexpr std::size_t kHeaderBytes = 8;

template <class T>
Matrix<T> read_matrix(const std::string& path, std::uint32_t most) {
  const FileDescriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  struct stat info {};
  if (file.get() < 0 || ::fstat(file.get(), &info) != 0) give_up("cannot open " + path);
  const auto size = static_cast<std::size_t>(info.st_size);
  if (size < kHeaderBytes) give_up(path + " has no header");
  void* const address = ::mmap(nullptr, size, PROT_READ, MAP_SHARED, file.get(), 0);
  if (address == MAP_FAILED) give_up("cannot map " + path);
  Matrix<T> matrix;
  matrix.owner = {address, [size](const void* at) { ::munmap(const_cast<void*>(at), size); }};
  std::uint32_t shape[2];
  std::memcpy(shape, address, kHeaderBytes);
  const std::uint32_t rows = most != 0 && most < shape[0] ? most : shape[0];
  matrix.columns = shape[1];
  matrix.values = {reinterpret_cast<const T*>(static_cast<const char*>(address) + kHeaderBytes),
                   std::size_t{rows} * shape[1]};
  if (matrix.values.size_bytes() > size - kHeaderBytes) {
    give_up(fmt::format("{} ends before its {} rows do", path, rows));
  }
  return matrix;
}

template <class T>
void write_matrix(const std::string& path, std::uint32_t columns, std::span<const T> values) {
  const File file(std::fopen(path.c_str(), "wb"));
  if (!file) give_up("cannot create " + path);
  const std::uint32_t shape[2] = {static_cast<std::uint32_t>(values.size() / columns), columns};
  if (std::fwrite(shape, kHeaderBytes, 1, file.get()) != 1 ||
      std::fwrite(values.data(), sizeof(T), values.size(), file.get()) != values.size() ||
      std::fflush(file.get()) != 0) {
    give_up("cannot write " + path);
  }
}

}  // namespace

Matrix<float> read_fbin(const std::string& path, std::uint32_t most) {
  return read_matrix<float>(path, most);
}
Matrix<std::uint32_t> read_ibin(const std::string& path) { return read_matrix<std::uint32_t>(path, 0); }
void write_fbin(const std::string& path, std::uint32_t columns, std::span<const float> values) {
  write_matrix(path, columns, values);
}
void write_ibin(const std::string& path, std::uint32_t columns, std::span<const std::uint32_t> values) {
  write_matrix(path, columns, values);
}

void give_up(const std::string& what) {
  std::fprintf(stderr, "error: %s\n", what.c_str());
  std::exit(1);
}

}  // namespace winnow::bench

#include "ann_engines/vector_file.h"

#include <cstdio>
#include <cstdlib>
#include <memory>

namespace winnow::bench {

namespace {

struct Closer {
  void operator()(std::FILE* file) const { std::fclose(file); }
};
using File = std::unique_ptr<std::FILE, Closer>;

template <class T>
Matrix<T> read_matrix(const std::string& path, std::uint32_t most) {
  const File file(std::fopen(path.c_str(), "rb"));
  if (!file) give_up("cannot open " + path);
  std::uint32_t shape[2];
  if (std::fread(shape, 4, 2, file.get()) != 2) give_up(path + " has no header");
  const std::uint32_t rows = most != 0 && most < shape[0] ? most : shape[0];
  Matrix<T> matrix;
  matrix.columns = shape[1];
  matrix.values.resize(std::size_t{rows} * shape[1]);
  if (std::fread(matrix.values.data(), sizeof(T), matrix.values.size(), file.get()) != matrix.values.size()) {
    give_up(path + " ends before its " + std::to_string(rows) + " rows do");
  }
  return matrix;
}

template <class T>
void write_matrix(const std::string& path, const Matrix<T>& matrix) {
  const File file(std::fopen(path.c_str(), "wb"));
  if (!file) give_up("cannot create " + path);
  const std::uint32_t shape[2] = {matrix.rows(), matrix.columns};
  if (std::fwrite(shape, 4, 2, file.get()) != 2 ||
      std::fwrite(matrix.values.data(), sizeof(T), matrix.values.size(), file.get()) !=
          matrix.values.size() ||
      std::fflush(file.get()) != 0) {
    give_up("cannot write " + path);
  }
}

}  // namespace

Matrix<float> read_fbin(const std::string& path, std::uint32_t most) {
  return read_matrix<float>(path, most);
}
Matrix<std::uint32_t> read_ibin(const std::string& path) { return read_matrix<std::uint32_t>(path, 0); }
void write_fbin(const std::string& path, const Matrix<float>& matrix) { write_matrix(path, matrix); }
void write_ibin(const std::string& path, const Matrix<std::uint32_t>& matrix) { write_matrix(path, matrix); }

void give_up(const std::string& what) {
  std::fprintf(stderr, "error: %s\n", what.c_str());
  std::exit(1);
}

}  // namespace winnow::bench

// The dashboard's files, compiled into the binary by cmake/EmbedAssets.cmake.
#pragma once

#include <span>
#include <string_view>

namespace winnow {

struct EmbeddedFile {
  std::string_view path;  // "/index.html", "/assets/app.1f3c9d.js"
  std::string_view bytes;
};

// At least "/index.html". Lives as long as the program.
std::span<const EmbeddedFile> dashboard_files();

}  // namespace winnow

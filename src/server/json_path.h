// The place of a value within a JSON text, spelled out only when an error needs it: "events[3].timestamp".
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace winnow {

// A link of a chain that lives on the stack of whoever walks down a value; the default one is the root.
class JsonPath final {
 public:
  JsonPath() = default;
  JsonPath(const JsonPath& up, std::string_view key) : up_(&up), key_(key) {}
  JsonPath(const JsonPath& up, std::size_t index) : up_(&up), index_(index), is_index_(true) {}

  std::string text() const {
    if (up_ == nullptr) return {};
    std::string out = up_->text();
    if (is_index_) return out.append("[").append(std::to_string(index_)).append("]");
    if (!out.empty()) out.push_back('.');
    return out.append(key_);
  }

 private:
  const JsonPath* up_ = nullptr;
  std::string_view key_;
  std::size_t index_ = 0;
  bool is_index_ = false;
};

}  // namespace winnow

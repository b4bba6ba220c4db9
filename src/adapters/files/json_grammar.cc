#include "adapters/files/json_grammar.h"

#include <bitset>

namespace winnow {

namespace {

class GrammarScanner final {
 public:
  explicit GrammarScanner(std::string_view text) : at_(text.data()), end_(text.data() + text.size()) {}

  const char* at() const { return at_; }
  bool at_end() const { return at_ == end_; }

  // Values and the punctuation between them, without recursion: a bit says for each open bracket whether it
  // is an object's.
  bool value() {
    std::bitset<kMaxJsonDepth> in_object;
    std::size_t depth = 0;
    for (;;) {
      skip_blanks();
      // At the front of a value.
      if (at_end()) return false;
      bool complete = true;
      switch (*at_) {
        case '{':
        case '[': {
          if (depth == kMaxJsonDepth) return false;
          const bool object = *at_++ == '{';
          skip_blanks();
          if (accept(object ? '}' : ']')) break;
          in_object[depth++] = object;
          if (object && !key()) return false;
          complete = false;
          break;
        }
        case '"':
          if (!string()) return false;
          break;
        case 't':
          if (!word("true")) return false;
          break;
        case 'f':
          if (!word("false")) return false;
          break;
        case 'n':
          if (!word("null")) return false;
          break;
        default:
          if (!number()) return false;
      }
      // Behind a value: brackets close until one goes on.
      while (complete) {
        skip_blanks();
        if (depth == 0) return true;
        const bool object = in_object[depth - 1];
        if (accept(',')) {
          skip_blanks();
          if (object && !key()) return false;
          break;
        }
        if (!accept(object ? '}' : ']')) return false;
        --depth;
      }
    }
  }

 private:
  void skip_blanks() {
    while (at_ < end_ && (*at_ == ' ' || *at_ == '\t' || *at_ == '\n' || *at_ == '\r')) ++at_;
  }
  bool accept(char c) {
    if (at_end() || *at_ != c) return false;
    ++at_;
    return true;
  }
  bool word(std::string_view expected) {
    for (const char c : expected) {
      if (!accept(c)) return false;
    }
    return true;
  }
  bool key() {
    if (!string()) return false;
    skip_blanks();
    return accept(':');
  }
  bool digits() {
    const char* const begin = at_;
    while (at_ < end_ && *at_ >= '0' && *at_ <= '9') ++at_;
    return at_ > begin;
  }
  bool number() {
    accept('-');
    if (!accept('0') && !digits()) return false;
    if (accept('.') && !digits()) return false;
    if (accept('e') || accept('E')) {
      if (!accept('+')) accept('-');
      return digits();
    }
    return true;
  }
  bool string() {
    if (!accept('"')) return false;
    for (; at_ < end_; ++at_) {
      const auto byte = static_cast<unsigned char>(*at_);
      if (byte == '"') {
        ++at_;
        return true;
      }
      if (byte < 0x20) return false;
      if (byte != '\\') continue;
      if (++at_ == end_) return false;
      if (*at_ == 'u') {
        for (int i = 0; i < 4; ++i) {
          if (++at_ == end_ || !is_hex(*at_)) return false;
        }
      } else if (std::string_view("\"\\/bfnrt").find(*at_) == std::string_view::npos) {
        return false;
      }
    }
    return false;
  }
  static bool is_hex(char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
  }

  const char* at_;
  const char* const end_;
};

}  // namespace

std::optional<std::size_t> json_error_at(std::string_view text) {
  GrammarScanner scan(text);
  if (scan.value() && scan.at_end()) return std::nullopt;
  return static_cast<std::size_t>(scan.at() - text.data());
}

bool is_json_object(std::string_view text) {
  const std::size_t front = text.find_first_not_of(" \t\r\n");
  return front != std::string_view::npos && text[front] == '{' && !json_error_at(text);
}

}  // namespace winnow

#include "server/json_fault.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cstdint>

#include "base/text.h"
#include "server/json_path.h"

namespace winnow {
namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }

class Reader final {
 public:
  Reader(std::string_view text, std::size_t max_depth) : text_(text), max_depth_(max_depth) {}

  std::optional<JsonFault> read() {
    skip_space();
    if (at_ == text_.size()) {
      fail("the body is empty: send a JSON value");
    } else if (value(0, JsonPath())) {
      skip_space();
      if (at_ < text_.size()) fail("expected the end of the text");
    }
    return fault_;
  }

 private:
  bool fail(std::string message) {
    if (!fault_) fault_ = JsonFault{JsonFault::Kind::malformed, at_, std::move(message), {}};
    return false;
  }

  bool done() const { return at_ >= text_.size(); }
  char next() const { return done() ? '\0' : text_[at_]; }
  bool accept(char c) {
    if (done() || text_[at_] != c) return false;
    ++at_;
    return true;
  }
  void skip_space() {
    while (!done() && (next() == ' ' || next() == '\t' || next() == '\n' || next() == '\r')) ++at_;
  }

  bool value(std::size_t depth, const JsonPath& path) {
    if (done()) return fail("the text ends where a value should be");
    switch (next()) {
      case '{':
        return object(depth + 1, path);
      case '[':
        return array(depth + 1, path);
      case '"':
        return string(nullptr);
      case 't':
        return word("true");
      case 'f':
        return word("false");
      case 'n':
        return word("null");
      default:
        return number(path);
    }
  }

  bool enter(std::size_t depth) {
    if (depth > max_depth_) return fail(fmt::format("nested deeper than {} levels", max_depth_));
    ++at_;
    skip_space();
    return true;
  }

  bool object(std::size_t depth, const JsonPath& path) {
    if (!enter(depth)) return false;
    if (accept('}')) return true;
    for (;;) {
      std::string_view key;
      if (next() != '"') return fail("expected '\"' and a name");
      if (!string(&key)) return false;
      skip_space();
      if (!accept(':')) return fail("expected ':'");
      skip_space();
      if (!value(depth, JsonPath(path, key))) return false;
      skip_space();
      if (accept('}')) return true;
      if (!accept(',')) return fail("expected ',' or '}'");
      skip_space();
    }
  }

  bool array(std::size_t depth, const JsonPath& path) {
    if (!enter(depth)) return false;
    if (accept(']')) return true;
    for (std::size_t index = 0;; ++index) {
      if (!value(depth, JsonPath(path, index))) return false;
      skip_space();
      if (accept(']')) return true;
      if (!accept(',')) return fail("expected ',' or ']'");
      skip_space();
    }
  }

  bool word(std::string_view wanted) {
    if (text_.substr(at_, wanted.size()) != wanted) return fail("expected a value");
    at_ += wanted.size();
    return true;
  }

  bool hex4(unsigned& code) {
    if (text_.size() - at_ < 4) return fail("a \\u escape needs four hexadecimal digits");
    const auto [end, error] = std::from_chars(text_.data() + at_, text_.data() + at_ + 4, code, 16);
    if (error != std::errc{} || end != text_.data() + at_ + 4) {
      return fail("a \\u escape needs four hexadecimal digits");
    }
    at_ += 4;
    return true;
  }

  bool escape() {
    if (!accept('u')) {
      if (done() || std::string_view("\"\\/bfnrt").find(next()) == std::string_view::npos) {
        return fail("unknown escape: one of \\\" \\\\ \\/ \\b \\f \\n \\r \\t \\u is allowed");
      }
      ++at_;
      return true;
    }
    unsigned code = 0;
    if (!hex4(code)) return false;
    if (code >= 0xDC00 && code <= 0xDFFF) return fail("a low surrogate without its high one");
    if (code >= 0xD800 && code <= 0xDBFF) {
      unsigned low = 0;
      if (!accept('\\') || !accept('u') || !hex4(low) || low < 0xDC00 || low > 0xDFFF) {
        return fail("a high surrogate without its low one");
      }
    }
    return true;
  }

  // `out`, when wanted, gets the bytes between the quotes, escapes as written.
  bool string(std::string_view* out) {
    ++at_;
    const std::size_t start = at_;
    while (!done() && next() != '"') {
      if (static_cast<unsigned char>(next()) < 0x20)
        return fail("a control character in a string: escape it");
      if (accept('\\')) {
        if (!escape()) return false;
      } else {
        ++at_;
      }
    }
    if (done()) return fail("a string without its closing '\"'");
    const std::string_view bytes = text_.substr(start, at_ - start);
    if (!is_utf8(bytes)) {
      at_ = start;
      return fail("a string that is not UTF-8");
    }
    if (out != nullptr) *out = bytes;
    ++at_;
    return true;
  }

  bool digits() {
    if (done() || !is_digit(next())) return fail("expected a digit");
    while (!done() && is_digit(next())) ++at_;
    return true;
  }

  bool number(const JsonPath& path) {
    const std::size_t start = at_;
    const bool negative = accept('-');
    if (!negative && !is_digit(next())) return fail("expected a value");
    if (!accept('0') && !digits()) return false;
    bool whole = true;
    if (accept('.')) {
      whole = false;
      if (!digits()) return false;
    }
    if (accept('e') || accept('E')) {
      whole = false;
      if (!accept('+')) accept('-');
      if (!digits()) return false;
    }
    if (!done() && std::string_view(" \t\r\n,]}").find(next()) == std::string_view::npos) {
      return fail("expected the end of a number");
    }
    const std::string_view text = text_.substr(start, at_ - start);
    if (fits(text, whole, negative)) return true;
    if (!fault_) {
      std::string field = path.text();
      std::string message = fmt::format("{} is {}: too large a number",
                                        field.empty() ? "the body" : excerpt(field, 200), excerpt(text));
      fault_ = JsonFault{JsonFault::Kind::number_range, start, std::move(message), std::move(field)};
    }
    return false;
  }

  static bool fits(std::string_view text, bool whole, bool negative) {
    const char* const end = text.data() + text.size();
    if (whole && negative) {
      std::int64_t value = 0;
      return std::from_chars(text.data(), end, value).ec == std::errc{};
    }
    if (whole) {
      std::uint64_t value = 0;
      return std::from_chars(text.data(), end, value).ec == std::errc{};
    }
    // A number too small for a double reads as 0, one too large is refused.
    double value = 0;
    if (std::from_chars(text.data(), end, value).ec == std::errc{}) return true;
    return underflows(text);
  }

  // Whether the number, known not to fit a double, is too small rather than too large.
  static bool underflows(std::string_view text) {
    const std::size_t exponent = text.find_first_of("eE");
    if (exponent == std::string_view::npos) return text.find_first_of("123456789") > text.find('.');
    return text[exponent + 1] == '-';
  }

  std::string_view text_;
  std::size_t max_depth_;
  std::size_t at_ = 0;
  std::optional<JsonFault> fault_;
};

}  // namespace

bool widen_integers(std::string& text) {
  std::string out;
  std::size_t copied = 0;
  bool in_string = false;
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (in_string) {
      if (text[at] == '\\') {
        ++at;  // whatever it escapes, it is not the end
      } else if (text[at] == '"') {
        in_string = false;
      }
      continue;
    }
    in_string = text[at] == '"';
    if (!is_digit(text[at]) && text[at] != '-') continue;
    const std::size_t start = at;
    const std::size_t end = std::min(text.find_first_not_of("+-.0123456789eE", start), text.size());
    at = end - 1;
    const std::string_view number = std::string_view(text).substr(start, end - start);
    if (number.find_first_of(".eE") != std::string_view::npos) continue;
    std::int64_t fits_signed = 0;
    std::uint64_t fits_unsigned = 0;
    const char* const last = number.data() + number.size();
    if (std::from_chars(number.data(), last, fits_signed).ec == std::errc{} ||
        std::from_chars(number.data(), last, fits_unsigned).ec == std::errc{}) {
      continue;
    }
    out.append(text, copied, end - copied).append("e0");
    copied = end;
  }
  if (copied == 0) return false;
  out.append(text, copied);
  text = std::move(out);
  return true;
}

std::optional<JsonFault> find_json_fault(std::string_view text, std::size_t max_depth) {
  return Reader(text, max_depth).read();
}

}  // namespace winnow

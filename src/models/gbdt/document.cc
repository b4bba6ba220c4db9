#include "models/gbdt/document.h"

#include <simdjson.h>

#include <bit>
#include <charconv>
#include <cstdint>
#include <cstring>

namespace winnow {
namespace {

constexpr int kDeepest = 64;

Error corrupt(std::string what) {
  return {ErrorCode::corrupt,
          "the model file is damaged: " + std::move(what) + "; save it again with XGBoost", ""};
}

// An array once all its items are known.
Document array_of(std::vector<Document> items) {
  Document out;
  bool numbers = true;
  for (const Document& item : items) numbers = numbers && item.kind == Document::Kind::number;
  if (numbers) {
    out.kind = Document::Kind::numbers;
    for (const Document& item : items) out.numbers.push_back(item.number);
  } else {
    out.kind = Document::Kind::list;
    out.items = std::move(items);
  }
  return out;
}

Document number_of(double value) {
  Document out;
  out.kind = Document::Kind::number;
  out.number = value;
  return out;
}

Document text_of(std::string_view value) {
  Document out;
  out.kind = Document::Kind::text;
  out.text = value;
  return out;
}

// A float where the token is written as one: a double in between could round twice.
bool read_number(std::string_view token, double& out) {
  while (!token.empty() && token.back() <= ' ') token.remove_suffix(1);
  const char* const end = token.data() + token.size();
  if (token.find_first_of(".eE") == std::string_view::npos) {
    const auto [rest, error] = std::from_chars(token.data(), end, out);
    return error == std::errc() && rest == end;
  }
  float value = 0;
  const auto [rest, error] = std::from_chars(token.data(), end, value);
  out = value;
  return error == std::errc() && rest == end;
}

// False where the text is not JSON.
bool read_json(simdjson::simdjson_result<simdjson::ondemand::value> found, int depth, Document& out) {
  simdjson::ondemand::value value;
  simdjson::ondemand::json_type type{};
  if (found.get(value) != simdjson::SUCCESS) return false;
  if (depth == 0 || value.type().get(type) != simdjson::SUCCESS) return false;
  switch (type) {
    case simdjson::ondemand::json_type::object: {
      out.kind = Document::Kind::object;
      simdjson::ondemand::object object;
      if (value.get_object().get(object) != simdjson::SUCCESS) return false;
      for (auto field : object) {
        std::string_view name;
        if (field.unescaped_key().get(name) != simdjson::SUCCESS) return false;
        auto& member = out.members.emplace_back(Document::Member{std::string(name), {}});
        if (!read_json(field.value(), depth - 1, member.value)) return false;
      }
      return true;
    }
    case simdjson::ondemand::json_type::array: {
      std::vector<Document> items;
      simdjson::ondemand::array array;
      if (value.get_array().get(array) != simdjson::SUCCESS) return false;
      for (auto item : array) {
        if (!read_json(item, depth - 1, items.emplace_back())) return false;
      }
      out = array_of(std::move(items));
      return true;
    }
    case simdjson::ondemand::json_type::number: {
      out.kind = Document::Kind::number;
      const std::string_view token = value.raw_json_token();
      return value.get_double().error() == simdjson::SUCCESS && read_number(token, out.number);
    }
    case simdjson::ondemand::json_type::string: {
      std::string_view text;
      if (value.get_string().get(text) != simdjson::SUCCESS) return false;
      out = text_of(text);
      return true;
    }
    case simdjson::ondemand::json_type::boolean: {
      bool truth = false;
      if (value.get_bool().get(truth) != simdjson::SUCCESS) return false;
      out = number_of(truth ? 1 : 0);
      return true;
    }
    case simdjson::ondemand::json_type::null:
      return value.is_null().error() == simdjson::SUCCESS;
  }
  return false;
}

// Numbers are big-endian. After the first bad byte it is failed(), and every further read gives nothing.
class UbjsonReader final {
 public:
  explicit UbjsonReader(std::string_view bytes) : rest_(bytes) {}

  Document value() { return value_of(marker(), kDeepest); }
  bool whole() const { return !failed_ && rest_.empty(); }

 private:
  // The next marker behind no-ops; 0 at the end.
  char marker() {
    while (!rest_.empty() && rest_.front() == 'N') rest_.remove_prefix(1);
    return take(1).empty() ? '\0' : last_;
  }

  std::string_view take(std::uint64_t size) {
    if (failed_ || size > rest_.size()) {
      failed_ = true;
      return {};
    }
    const std::string_view out = rest_.substr(0, size);
    rest_.remove_prefix(size);
    if (size > 0) last_ = out.back();
    return out;
  }

  template <class T>
  T big_endian() {
    const std::string_view bytes = take(sizeof(T));
    std::uint64_t bits = 0;
    for (const char byte : bytes) bits = bits << 8 | static_cast<unsigned char>(byte);
    T out{};
    std::memcpy(&out, &bits, sizeof out);  // the lower bytes: targets are little-endian
    return out;
  }

  double number(char type) {
    switch (type) {
      case 'i':
        return big_endian<std::int8_t>();
      case 'U':
        return big_endian<std::uint8_t>();
      case 'I':
        return big_endian<std::int16_t>();
      case 'l':
        return big_endian<std::int32_t>();
      case 'L':
        return static_cast<double>(big_endian<std::int64_t>());
      case 'd':
        return big_endian<float>();
      case 'D':
        return big_endian<double>();
      default:
        failed_ = true;
        return 0;
    }
  }

  std::uint64_t length() {
    const double value = number(marker());
    if (!(value >= 0) || value > static_cast<double>(rest_.size())) failed_ = true;
    return failed_ ? 0 : static_cast<std::uint64_t>(value);
  }

  // What may stand before the items of a container.
  struct Header {
    char type = '\0';  // of all items; 0: each says its own
    bool counted = false;
    std::uint64_t count = 0;
  };

  Header header() {
    Header out;
    if (!rest_.empty() && rest_.front() == '$') {
      take(1);
      out.type = marker();
      if (rest_.empty() || rest_.front() != '#') failed_ = true;
    }
    if (!rest_.empty() && rest_.front() == '#') {
      take(1);
      out.counted = true;
      out.count = length();
    }
    return out;
  }

  bool more(const Header& header, std::uint64_t done, char end) {
    if (failed_) return false;
    if (header.counted) return done < header.count;
    if (rest_.empty()) failed_ = true;
    if (failed_ || rest_.front() != end) return !failed_;
    take(1);
    return false;
  }

  Document array(int depth) {
    const Header form = header();
    std::vector<Document> items;
    Document out;
    out.kind = Document::Kind::numbers;
    const bool plain =
        form.type != '\0' && std::string_view("iUIlLdD").find(form.type) != std::string_view::npos;
    for (std::uint64_t n = 0; more(form, n, ']'); ++n) {
      if (plain) {
        out.numbers.push_back(number(form.type));
      } else {
        items.push_back(value_of(form.type != '\0' ? form.type : marker(), depth));
      }
    }
    return plain ? out : array_of(std::move(items));
  }

  Document object(int depth) {
    const Header form = header();
    Document out;
    out.kind = Document::Kind::object;
    for (std::uint64_t n = 0; more(form, n, '}'); ++n) {
      Document::Member& member = out.members.emplace_back(Document::Member{std::string(take(length())), {}});
      member.value = value_of(form.type != '\0' ? form.type : marker(), depth);
    }
    return out;
  }

  Document value_of(char type, int depth) {
    if (depth == 0) failed_ = true;
    if (failed_) return {};
    switch (type) {
      case '{':
        return object(depth - 1);
      case '[':
        return array(depth - 1);
      case 'S':
        return text_of(take(length()));
      case 'Z':
        return {};
      case 'T':
        return number_of(1);
      case 'F':
        return number_of(0);
      default:
        return number_of(number(type));
    }
  }

  std::string_view rest_;
  char last_ = '\0';
  bool failed_ = false;
};

}  // namespace

const Document* Document::find(std::string_view name) const {
  for (const Member& member : members) {
    if (member.name == name) return &member.value;
  }
  return nullptr;
}

Result<Document> parse_json(std::string_view bytes) {
  const simdjson::padded_string padded(bytes);
  simdjson::ondemand::parser parser;
  simdjson::ondemand::document document;
  Document out;
  if (parser.iterate(padded).get(document) != simdjson::SUCCESS ||
      !read_json(document.get_value(), kDeepest, out) ||
      document.current_location().error() != simdjson::OUT_OF_BOUNDS) {
    return corrupt("it is not JSON");
  }
  return out;
}

Result<Document> parse_ubjson(std::string_view bytes) {
  UbjsonReader reader(bytes);
  Document out = reader.value();
  if (!reader.whole()) return corrupt("it is not UBJSON");
  return out;
}

}  // namespace winnow

#include "winnow/settings/settings_file.h"

// clang-format off
#define TOML_EXCEPTIONS 0
#include <toml++/toml.h>
// clang-format on

#include <algorithm>
#include <cmath>
#include <optional>
#include <utility>

#include "base/file.h"
#include "base/text.h"
#include "winnow/settings/setting.h"
#include "winnow/settings/settings_tables.h"

namespace winnow {
namespace {

constexpr std::uint64_t kMaxSettingsBytes = 1 << 20;

std::string_view type_name(const toml::node& node) {
  switch (node.type()) {
    case toml::node_type::table:
      return "a table";
    case toml::node_type::array:
      return "a list";
    case toml::node_type::string:
      return "a text";
    case toml::node_type::integer:
      return "an integer";
    case toml::node_type::floating_point:
      return "a number";
    case toml::node_type::boolean:
      return "a boolean";
    default:
      return "a date or time";
  }
}

// The value as it could stand in an error message.
std::string shown(const toml::node& node) {
  if (const auto* text = node.as_string()) return fmt::format("\"{}\"", excerpt(text->get()));
  if (const auto* integer = node.as_integer()) return fmt::format("{}", integer->get());
  if (const auto* number = node.as_floating_point()) return fmt::format("{}", number->get());
  if (const auto* boolean = node.as_boolean()) return boolean->get() ? "true" : "false";
  return std::string(type_name(node));
}

class Reader final {
 public:
  explicit Reader(std::string_view origin)
      : origin_(origin), table_(settings_table()), sections_(settings_sections()) {}

  Result<Settings> read(const toml::table& root) {
    Settings settings;
    WINNOW_RETURN_IF_ERROR(read_table(settings, root, ""));
    auto policy = FeedbackPolicy::parse(settings.feedback.positive, settings.feedback.negative);
    if (!policy.ok()) return at_line(feedback_line_, policy.error().message, policy.error().field);
    for (const std::string_view name : action_names()) {
      const Action action = *action_named(name);
      WINNOW_RETURN_IF_ERROR(policy->set_weight(action, settings.feedback.policy.weight(action)));
    }
    settings.feedback.policy = *std::move(policy);
    // Rules that the ranges of single keys cannot say.
    for (const Status& status :
         {check(settings.train), check(settings.training_set), check_revenue(settings)}) {
      if (status.ok()) continue;
      return Error{ErrorCode::invalid, fmt::format("{}: {}", origin_, status.error().message),
                   status.error().field};
    }
    return settings;
  }

 private:
  Error at_line(std::size_t line, std::string_view message, std::string field) const {
    return Error{ErrorCode::invalid, fmt::format("{}:{}: {}", origin_, line, message), std::move(field)};
  }

  bool is_section(std::string_view name) const {
    return std::ranges::any_of(sections_, [&](const auto& section) { return section.name == name; });
  }

  Status read_table(Settings& settings, const toml::table& table, const std::string& section) {
    if (section == "feedback") feedback_line_ = table.source().begin.line;
    if (section.empty()) {
      // First, since other sections have keys for each of them.
      if (const toml::table* const heads = table["training_set"]["heads"].as_table()) add_heads(*heads);
    }
    if (section == "surfaces") WINNOW_RETURN_IF_ERROR(add_surfaces(table));
    for (const auto& [key, node] : table) {
      const std::string name =
          section.empty() ? std::string(key.str()) : fmt::format("{}.{}", section, key.str());
      const std::size_t line = key.source().begin.line;
      if (is_section(name)) {
        if (!node.is_table()) {
          return at_line(line,
                         fmt::format("{} is {}; it is a section: write [{}] above its keys", name,
                                     type_name(node), name),
                         name);
        }
        WINNOW_RETURN_IF_ERROR(read_table(settings, *node.as_table(), name));
        continue;
      }
      const auto setting = std::ranges::find_if(table_, [&](const Setting& s) { return s.name() == name; });
      if (setting == table_.end()) return unknown(section, key.str(), node, line);
      WINNOW_RETURN_IF_ERROR(read_value(settings, *setting, node, line));
    }
    return {};
  }

  // A surface is known by being named: [surfaces.NAME] takes the keys of [sources].
  Status add_surfaces(const toml::table& surfaces) {
    for (const auto& [key, node] : surfaces) {
      const std::string name = fmt::format("surfaces.{}", key.str());
      const bool plain = !key.str().empty() && std::ranges::all_of(key.str(), [](char c) {
        return c == '-' || c == '_' || (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') ||
               (c >= 'a' && c <= 'z');
      });
      if (!plain) {
        return at_line(
            key.source().begin.line,
            fmt::format("{} is no name of a surface here: use letters, digits, - and _", excerpt(name)),
            name);
      }
      sections_.push_back({name, ""});
      add_surface_settings(table_, std::string(key.str()));
      add_surface_ranking_settings(table_, std::string(key.str()));
      for (const std::string& head : heads()) add_surface_worth_setting(table_, std::string(key.str()), head);
    }
    return {};
  }

  // An outcome too; what its name may be is checked with the rest of the options.
  void add_heads(const toml::table& named) {
    for (const auto& [key, node] : named) {
      const std::string head(key.str());
      const std::vector<std::string> known = heads();
      if (std::ranges::find(known, head) != known.end()) continue;
      add_head_settings(table_, head);
      add_worth_setting(table_, head);
    }
  }

  // The outcomes that are known by now.
  std::vector<std::string> heads() const {
    std::vector<std::string> out;
    for (const Setting& setting : table_) {
      if (setting.section == "training_set.heads") out.push_back(setting.key);
    }
    return out;
  }

  // Nearest among the section's keys first: people mostly mistype the key, not the section.
  Error unknown(const std::string& section, std::string_view key, const toml::node& node,
                std::size_t line) const {
    const std::string name = section.empty() ? std::string(key) : fmt::format("{}.{}", section, key);
    std::vector<std::string> candidates;
    if (section.empty() && node.is_table()) {
      for (const auto& s : sections_) candidates.push_back(s.name);
      const auto near = nearest(name, candidates);
      return at_line(line, fmt::format("unknown section [{}]{}", excerpt(name), did_you_mean(near)), name);
    }
    for (const Setting& s : table_) {
      if (s.section == section) candidates.push_back(s.key);
    }
    auto near = nearest(key, candidates);
    if (near) {
      near = section.empty() ? *near : fmt::format("{}.{}", section, *near);
    } else {
      candidates.clear();
      for (const Setting& s : table_) candidates.push_back(s.name());
      near = nearest(name, candidates);
      for (const Setting& s : table_) {
        if (!near && s.key == key) near = s.name();  // the right key in the wrong section
      }
    }
    return at_line(line, fmt::format("unknown setting {}{}", excerpt(name), did_you_mean(near)), name);
  }

  static std::string did_you_mean(const std::optional<std::string>& near) {
    return near ? fmt::format("; did you mean {}?", *near)
                : "; `winnow config --defaults` lists all there are";
  }

  Status read_value(Settings& settings, const Setting& setting, const toml::node& node,
                    std::size_t line) const {
    const auto wrong = [&]() -> Status {
      return at_line(line,
                     fmt::format("{} is {}; it takes {}", setting.name(), shown(node), allowed_text(setting)),
                     setting.name());
    };
    std::optional<SettingValue> value;
    switch (setting.kind) {
      case Setting::Kind::boolean:
        if (const auto* b = node.as_boolean()) value = b->get();
        break;
      case Setting::Kind::integer:
        if (const auto* i = node.as_integer()) value = i->get();
        break;
      case Setting::Kind::number:
        if (const auto* i = node.as_integer()) value = static_cast<double>(i->get());
        if (const auto* d = node.as_floating_point()) value = d->get();
        break;
      case Setting::Kind::text:
        if (const auto* s = node.as_string()) value = s->get();
        break;
      case Setting::Kind::list:
        if (const auto* array = node.as_array()) {
          std::vector<std::string> texts;
          for (const auto& element : *array) {
            if (!element.is_string()) return wrong();
            texts.push_back(element.as_string()->get());
          }
          value = std::move(texts);
        }
        break;
      case Setting::Kind::numbers:
        if (const auto* array = node.as_array()) {
          std::vector<double> numbers;
          for (const auto& element : *array) {
            if (!element.is_number()) return wrong();
            numbers.push_back(element.value_or(0.0));
          }
          value = std::move(numbers);
        }
        break;
      case Setting::Kind::keys:
        if (const auto* array = node.as_array()) {
          WINNOW_TRY(value, read_keys(*array, setting.name()));
        }
        break;
    }
    if (!value || !is_allowed(setting, *value)) return wrong();
    if (auto status = setting.set(settings, *value); !status.ok()) {
      return at_line(line, status.error().message, setting.name());
    }
    return {};
  }

  // [[server.keys]]: name, sha256, rights.
  Result<std::vector<ApiKey>> read_keys(const toml::array& array, const std::string& setting) const {
    static const std::vector<std::string> kFields = {"name", "sha256", "rights"};
    std::vector<ApiKey> keys;
    for (const auto& element : array) {
      const std::string where = fmt::format("{}[{}]", setting, keys.size());
      const std::size_t line = element.source().begin.line;
      const auto fail = [&](std::string_view field, std::string_view why) {
        const std::string name = fmt::format("{}.{}", where, field);
        return at_line(line, fmt::format("{} {}", name, why), name);
      };
      const auto* table = element.as_table();
      if (table == nullptr)
        return at_line(line, fmt::format("{} is {}; it takes a table", where, shown(element)), where);
      for (const auto& [field, node] : *table) {
        if (std::ranges::find(kFields, field.str()) != kFields.end()) continue;
        return fail(excerpt(field.str()), "is unknown" + did_you_mean(nearest(field.str(), kFields)));
      }
      ApiKey key;
      key.name = (*table)["name"].value_or(std::string());
      key.sha256_hex = (*table)["sha256"].value_or(std::string());
      if (key.name.empty()) return fail("name", "is missing: give the key a name for logs");
      const auto same = [&](const ApiKey& other) { return other.name == key.name; };
      if (std::ranges::any_of(keys, same))
        return fail("name", fmt::format("is \"{}\" twice", excerpt(key.name)));
      const auto is_hex = [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); };
      if (key.sha256_hex.size() != 64 || !std::ranges::all_of(key.sha256_hex, is_hex)) {
        return fail(
            "sha256",
            "is not 64 lower-case hexadecimal digits: `winnow key new` and `winnow key hash` print them");
      }
      const auto* rights = (*table)["rights"].as_array();
      if (rights == nullptr || rights->empty())
        return fail("rights", "is missing: list some of read, write, admin");
      for (const auto& right : *rights) {
        key.rights.push_back(right.value_or(std::string()));
        const std::vector<std::string> known = key_rights();
        if (std::ranges::find(known, key.rights.back()) == known.end()) {
          return fail("rights", fmt::format("holds {}; it takes read, write and admin", shown(right)));
        }
      }
      keys.push_back(std::move(key));
    }
    return keys;
  }

  std::string origin_;
  std::vector<Setting> table_;
  std::vector<SettingSection> sections_;
  std::size_t feedback_line_ = 0;
};

}  // namespace

Result<Settings> parse_settings(std::string_view text, std::string_view origin) {
  const toml::parse_result parsed = toml::parse(text, origin);
  if (!parsed) {
    const toml::parse_error& error = parsed.error();
    return Error{ErrorCode::invalid, fmt::format("{}:{}: not valid TOML: {}", origin,
                                                 error.source().begin.line, error.description())};
  }
  return Reader(origin).read(parsed.table());
}

Result<Settings> load_settings(const std::filesystem::path& file) {
  WINNOW_TRY(const std::string text, read_file(file, kMaxSettingsBytes));
  WINNOW_TRY(Settings settings, parse_settings(text, file.string()));
  for (std::string* const path : {&settings.data, &settings.onnx}) {
    if (!path->empty() && std::filesystem::path(*path).is_relative())
      *path = (file.parent_path() / *path).lexically_normal().string();
  }
  return settings;
}

}  // namespace winnow

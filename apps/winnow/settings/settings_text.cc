#include "winnow/settings/settings_text.h"

#include <algorithm>
#include <string_view>
#include <vector>

#include "winnow/settings/setting.h"

namespace winnow {
namespace {

constexpr std::size_t kCommentWidth = 100;

// The words of `text` in lines of comment.
std::string comment(std::string_view text) {
  std::string out;
  std::size_t column = 0;
  for (const std::string_view word : split(text, ' ')) {
    if (column == 0 || column + 1 + word.size() > kCommentWidth) {
      if (column > 0) out += '\n';
      out += '#';
      column = 1;
    }
    out += ' ';
    out += word;
    column += 1 + word.size();
  }
  return out + '\n';
}

// A cell of a Markdown table.
std::string cell(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '|') out += '\\';
    out += c;
  }
  return out;
}

}  // namespace

std::string settings_toml(const Settings& settings) {
  const Settings defaults;
  const std::vector<Setting> table = settings_table(settings);
  std::string out = comment("Winnow's settings. Each key may be left out; the default holds then.");
  for (const SettingSection& section : settings_sections(settings)) {
    out += fmt::format("\n{}[{}]\n", comment(section.doc), section.name);
    for (const Setting& setting : table) {
      if (setting.section != section.name) continue;
      const std::string value = toml_text(setting.get(settings));
      const std::string usual = toml_text(setting.get(defaults));
      out += comment(fmt::format("{} Takes {}{}.", setting.doc, allowed_text(setting),
                                 value == usual ? "" : fmt::format("; default {}", usual)));
      // An empty text means "not set": written as a comment, so that reading the file back sets nothing.
      out += fmt::format("{}{} = {}\n", value == "\"\"" ? "# " : "", setting.key, value);
    }
  }
  return out;
}

std::string settings_markdown() {
  const Settings defaults;
  const std::vector<Setting> table = settings_table();
  std::string out =
      "# Settings\n\n"
      "<!-- Written by `winnow config --markdown`; a test fails when this page is out of date. -->\n\n"
      "One TOML file holds all settings: the one named by `--config FILE`, or else `winnow.toml` in the "
      "store's folder.\n"
      "Every key may be left out. An unknown key, a wrong type or a value out of range is an error that "
      "names the line,\n"
      "the key and what it takes. `winnow config` prints the settings in force, `winnow config --defaults` a "
      "whole file\n"
      "to start from, and `winnow doctor` checks the file with the store and the machine.\n";
  for (const SettingSection& section : settings_sections()) {
    out += fmt::format("\n## [{}]\n\n{}\n\n| key | takes | default | meaning |\n| --- | --- | --- | --- |\n",
                       section.name, section.doc);
    for (const Setting& setting : table) {
      if (setting.section != section.name) continue;
      out += fmt::format("| `{}` | {} | `{}` | {} |\n", setting.key, cell(allowed_text(setting)),
                         cell(toml_text(setting.get(defaults))), cell(setting.doc));
    }
  }
  return out;
}

std::string settings_json(const Settings& settings) {
  // Section "a.b" nests in "a", which the list of sections names first.
  const std::vector<Setting> table = settings_table(settings);
  const std::vector<SettingSection> sections = settings_sections(settings);
  const auto object = [&](const auto& self, const std::string& section) -> std::string {
    std::string out;
    const auto add = [&](std::string_view key, std::string_view value) {
      out += fmt::format("{}{}:{}", out.empty() ? "" : ",", json_quoted(key), value);
    };
    for (const Setting& setting : table) {
      if (setting.section == section) add(setting.key, json_text(setting.get(settings)));
    }
    for (const SettingSection& inner : sections) {
      const std::size_t dot = inner.name.rfind('.');
      const bool top = dot == std::string::npos;
      if (section.empty() ? top : !top && inner.name.substr(0, dot) == section) {
        add(top ? inner.name : inner.name.substr(dot + 1), self(self, inner.name));
      }
    }
    return "{" + out + "}";
  };
  return object(object, "");
}

}  // namespace winnow

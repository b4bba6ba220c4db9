#include "models/content/item_terms.h"

#include <algorithm>
#include <limits>
#include <string>
#include <string_view>

#include "base/hash.h"

namespace winnow {
namespace {

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

bool is_letter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
         static_cast<unsigned char>(c) >= 0x80;
}

ItemTerm term(TermKind kind, std::string_view text) {
  std::string named(1, static_cast<char>('0' + static_cast<int>(kind)));
  named.append(text);
  std::ranges::transform(named, named.begin(), lower);
  return {hash64(named), kind, 1};
}

void add_words(std::string_view text, std::vector<ItemTerm>& out) {
  for (std::size_t at = 0; at < text.size();) {
    if (!is_letter(text[at])) {
      ++at;
      continue;
    }
    std::size_t end = at;
    while (end < text.size() && is_letter(text[end])) ++end;
    if (end - at > 1) out.push_back(term(TermKind::word, text.substr(at, end - at)));
    at = end;
  }
}

}  // namespace

std::vector<ItemTerm> terms_of(const Item& item) {
  std::vector<ItemTerm> all;
  for (const std::string& category : item.categories) all.push_back(term(TermKind::category, category));
  for (const std::string& tag : item.tags) all.push_back(term(TermKind::tag, tag));
  if (!item.creator.empty()) all.push_back(term(TermKind::creator, item.creator));
  add_words(item.title, all);
  add_words(item.description, all);
  std::ranges::sort(all, {}, &ItemTerm::key);
  std::vector<ItemTerm> out;
  for (const ItemTerm& next : all) {
    if (out.empty() || out.back().key != next.key) {
      out.push_back(next);
    } else if (out.back().count < std::numeric_limits<std::uint16_t>::max()) {
      ++out.back().count;
    }
  }
  return out;
}

}  // namespace winnow

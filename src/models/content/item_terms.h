// Item terms: what is said about an item in words, as numbers that compare: the words of its text, its tags,
// categories and creator.
//
// A term is the 64-bit hash of its kind and its text in lower case, so a tag "jazz" and a word "jazz" are two
// terms, and the same fact about two items is one term in any process.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "domain/item.h"

namespace winnow {

enum class TermKind : std::uint8_t { category = 0, tag = 1, creator = 2, word = 3 };
inline constexpr std::size_t kTermKinds = 4;

struct ItemTerm {
  std::uint64_t key = 0;
  TermKind kind = TermKind::word;
  std::uint16_t count = 1;  // times it is said; more than 65535 count as that
  friend bool operator==(const ItemTerm&, const ItemTerm&) = default;
};

// Each term once, ascending by key. Words: runs of letters and digits (bytes above ASCII are letters) of the
// title and the description, single characters left out.
std::vector<ItemTerm> terms_of(const Item& item);

// The terms of many items, back to back. Items without any have an empty list.
class ItemTerms final {
 public:
  std::uint32_t items() const { return static_cast<std::uint32_t>(offsets_.size() - 1); }
  bool empty() const { return terms_.empty(); }
  std::span<const ItemTerm> operator[](std::size_t item) const {
    return std::span(terms_).subspan(offsets_[item], offsets_[item + 1] - offsets_[item]);
  }
  void add(std::span<const ItemTerm> terms) {
    terms_.insert(terms_.end(), terms.begin(), terms.end());
    offsets_.push_back(terms_.size());
  }

 private:
  std::vector<std::uint64_t> offsets_{0};
  std::vector<ItemTerm> terms_;
};

}  // namespace winnow

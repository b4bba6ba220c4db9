// OpenGroups: the groups whose attribution windows are not over yet, and which outcome belongs to which row.
//
// An outcome with a recommendation_id belongs to the row of that id and its item: to its subject's own, or,
// where one subject alone was shown it, to that one's (who has signed in since is another). One without, or
// whose id is that of no open row, belongs to the newest open row of its subject and item that was shown
// before it: of any row for an outcome without an id, of rows without an id otherwise, because an answer's
// outcome is no other answer's. A group closes when the events that follow it have come `late_ms` beyond its
// longest window, by their own time; so an outcome may arrive that late. Memory: the open groups. O(log open)
// an event.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/bytes.h"
#include "base/hash.h"
#include "base/ids.h"
#include "batch/impressions/heads.h"

namespace winnow {

// A row's item and where and when it was shown.
struct GroupRow {
  ItemIndex item = kNoItem;
  TimestampMs time_ms = 0;
  std::uint16_t place = 0;  // from 1
  bool explored = false;    // its place was drawn at random
};

struct ImpressionGroup {
  std::uint64_t subject = 0;  // hash
  std::uint32_t surface = 0;  // number
  bool has_id = false;        // a recommendation_id
  TimestampMs time_ms = 0;
  std::vector<GroupRow> rows;
  std::vector<float> values;  // rows x features
  std::vector<float> labels;  // rows x heads, in [0, 1]; NaN: unknown, once the group is closed
};

class OpenGroups final {
 public:
  using OnClosed = std::function<void(ImpressionGroup)>;

  // `heads` outlives it. closed: called with every group in the order of closing.
  OpenGroups(const Heads& heads, TimestampMs late_ms, OnClosed closed)
      : heads_(heads), late_ms_(late_ms), closed_(std::move(closed)) {}

  // Whether the answer's item has an open row of the subject already.
  bool has_row(std::string_view recommendation_id, std::string_view subject, std::string_view item_id) const;

  // item_ids: of the rows. Labels are made: zeros.
  void open(ImpressionGroup group, std::string_view subject, std::string_view recommendation_id,
            std::span<const std::string> item_ids);

  // Attributes an event, and closes what is over by the event's time. duration_s: of its item; 0 when
  // unknown. Returns whether a row took it.
  bool follow(const Event& event, double duration_s);

  // Closes all that is left. A label whose window reaches beyond end_ms becomes NaN where it is 0, and with
  // `whole_windows` whatever it is. Returns how many such labels were above 0.
  std::uint64_t close_all(TimestampMs end_ms, bool whole_windows);

  std::size_t size() const { return groups_.size(); }

  void save(ByteWriter& out) const;
  // Into an empty value with the same heads. Damage shows in the reader.
  void restore(ByteReader& in);

 private:
  struct Keys {
    Hash128 by_id;  // zero without an id
    Hash128 by_subject;
  };
  struct Open {
    ImpressionGroup group;
    std::vector<Keys> keys;  // of the rows
  };
  struct RowRef {
    std::uint64_t group = 0;
    std::uint32_t row = 0;
  };
  void enter(std::uint64_t number, Open open);
  const RowRef* row_of_answer(const Event& event) const;
  const RowRef* row_of(const Event& event) const;
  void close(std::uint64_t number);
  void forget(const Keys& keys, std::uint64_t number);

  const Heads& heads_;
  const TimestampMs late_ms_;
  const OnClosed closed_;
  std::uint64_t next_ = 0;
  std::unordered_map<std::uint64_t, Open> groups_;
  std::multimap<TimestampMs, std::uint64_t> by_end_;  // when the last row's longest window is over -> group
  std::unordered_map<Hash128, std::vector<RowRef>> by_id_;  // those of several subjects, and of one later on
  std::unordered_map<Hash128, std::vector<RowRef>> by_subject_;  // in order of opening
};

}  // namespace winnow

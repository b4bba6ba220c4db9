#include "online/retrieve/content_keeper.h"

#include <algorithm>
#include <chrono>
#include <utility>
#include <vector>

#include "base/background.h"
#include "base/clock.h"

namespace winnow {

namespace {

constexpr double kCheckSeconds = 1;
constexpr double kShareOfTime = 0.05;

}  // namespace

Status ContentKeeper::refresh() {
  std::shared_ptr<const ItemSnapshot> items = table_.pin();
  std::shared_ptr<const ServingModel> model = model_.pin();
  if (items == built_of_items_ && model == built_of_model_) return {};
  const bool has_towers = model->bundle() != nullptr && model->bundle()->models.two_tower.has_value();
  if (!has_towers) content_.new_items.publish(nullptr);
  if (!has_towers && !keeps_index_) return {};

  ItemTerms terms;
  WINNOW_RETURN_IF_ERROR(catalog_.for_each_item([&](ItemIndex index, const Item& item) -> Status {
    while (terms.items() < row(index)) terms.add({});  // erased
    terms.add(terms_of(item));
    return {};
  }));
  std::vector<bool> learned(terms.items());
  for (std::uint32_t i = 0; i < terms.items(); ++i) {
    learned[i] = model->vocabulary().model_row(ItemIndex{i}) != Vocabulary::kNoRow;
  }
  if (has_towers) {
    std::shared_ptr<const TwoTowerModel> towers(model, &*model->bundle()->models.two_tower);
    content_.new_items.publish(std::make_shared<const NewItems>(std::move(towers), terms, learned));
  }
  if (keeps_index_) {
    // Nothing in common between any two items: there is no index then.
    auto index = ContentModel::build(terms, {});
    content_.index.publish(
        index.ok() ? std::make_shared<const ContentIndex>(std::move(index).value(), learned) : nullptr);
  }
  built_of_items_ = std::move(items);
  built_of_model_ = std::move(model);
  return {};
}

void ContentKeeper::start() {
  if (thread_.joinable()) return;
  {
    MutexLock lock(mutex_);
    stopping_ = false;
  }
  thread_ = std::thread([this] {
    run_in_background();
    run();
  });
}

void ContentKeeper::stop() {
  {
    MutexLock lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_all();
  if (thread_.joinable()) thread_.join();
}

void ContentKeeper::run() {
  double pause_s = 0;
  while (wait(pause_s)) {
    const double begin_s = steady_seconds();
    static_cast<void>(
        refresh());  // a store that fails is asked again; the index that there is goes on serving
    pause_s = std::max(kCheckSeconds, (steady_seconds() - begin_s) / kShareOfTime);
  }
}

bool ContentKeeper::wait(double seconds) {
  const double until_s = steady_seconds() + seconds;
  MutexLock lock(mutex_);
  while (!stopping_) {
    const double left_s = until_s - steady_seconds();
    if (left_s <= 0) return true;
    lock.wait_for(wake_, std::chrono::duration<double>(left_s));
  }
  return false;
}

}  // namespace winnow

// The conformance suites of all five ports, on the embedded adapters.
#include <gtest/gtest.h>

#include <memory>

#include "adapters/embedded/embedded_catalog.h"
#include "adapters/embedded/embedded_dead_letters.h"
#include "adapters/embedded/embedded_event_log.h"
#include "adapters/embedded/embedded_feature_store.h"
#include "adapters/embedded/embedded_impression_log.h"
#include "base/testing_folder.h"
#include "tests/conformance/catalog_conformance.h"
#include "tests/conformance/dead_letter_conformance.h"
#include "tests/conformance/event_log_conformance.h"
#include "tests/conformance/feature_store_conformance.h"
#include "tests/conformance/impression_log_conformance.h"

namespace winnow {
namespace {

// Adapter and store are closed and opened again by open(): everything that must last has to come from disk.
template <class Adapter>
class Reopened {
 public:
  template <class... Arguments>
  Adapter& open(Arguments&&... arguments) {
    adapter_.reset();
    store_.reset();
    auto store = Store::open(folder_.path());
    EXPECT_TRUE(store.ok()) << store.error().message;
    store_ = std::move(store).value();
    auto adapter = Adapter::open(*store_, std::forward<Arguments>(arguments)...);
    EXPECT_TRUE(adapter.ok()) << adapter.error().message;
    adapter_ = std::move(adapter).value();
    return *adapter_;
  }

 private:
  TestFolder folder_;
  std::unique_ptr<Store> store_;
  std::unique_ptr<Adapter> adapter_;
};

struct LogHarness : Reopened<EmbeddedEventLog> {};
struct DeadLetterHarness : Reopened<EmbeddedDeadLetters> {};
struct CatalogHarness : Reopened<EmbeddedCatalog> {};
struct FeatureHarness : Reopened<EmbeddedFeatureStore> {
  // Nothing is written by closing, so closing is as good as a crash.
  EmbeddedFeatureStore& crash() { return open(); }
};
// Memory for hardly any user: every read goes to the store and back.
struct CrampedFeatureHarness : Reopened<EmbeddedFeatureStore> {
  EmbeddedFeatureStore& open() { return Reopened::open(FeatureStoreOptions{.cache_bytes = 64 * 1500}); }
  EmbeddedFeatureStore& crash() { return open(); }
};

struct ImpressionHarness : Reopened<EmbeddedImpressionLog> {
  EmbeddedImpressionLog& open(ImpressionLogOptions options = {}) { return Reopened::open(options); }
};

INSTANTIATE_TYPED_TEST_SUITE_P(Embedded, EventLogConformance, LogHarness);
INSTANTIATE_TYPED_TEST_SUITE_P(Embedded, DeadLetterConformance, DeadLetterHarness);
INSTANTIATE_TYPED_TEST_SUITE_P(Embedded, ImpressionLogConformance, ImpressionHarness);
INSTANTIATE_TYPED_TEST_SUITE_P(Embedded, CatalogConformance, CatalogHarness);
using FeatureHarnesses = ::testing::Types<FeatureHarness, CrampedFeatureHarness>;
INSTANTIATE_TYPED_TEST_SUITE_P(Embedded, FeatureStoreConformance, FeatureHarnesses);

}  // namespace
}  // namespace winnow

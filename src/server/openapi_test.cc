// The table of routes, and the document that is written from it.
#include "server/openapi.h"

#include <gmock/gmock.h>

#include <set>

#include "server/api.h"
#include "server/api_schemas.h"
#include "server/json_parser.h"
#include "server/testing_site.h"

namespace winnow {
namespace {

class OpenApi : public ::testing::Test {
 protected:
  OpenApi()
      : api_(std::move(Api::make(options_, site_, metrics_, clock_)).value()),
        text_(write_openapi(api_->routes(), {"1.0", true, 1'700'000'600'000})) {}

  ManualClock clock_{1'700'000'000'000};
  Metrics metrics_;
  testing::TestSite site_{clock_};
  ServerOptions options_{.keys = {{"k", sha256_hex("k"), {"admin"}, nullptr}}};
  std::unique_ptr<Api> api_;
  std::string text_;
};

TEST_F(OpenApi, DescribesEveryRouteAndResolvesEveryReference) {
  JsonParser parser;
  const auto document = parser.parse(text_);
  ASSERT_TRUE(document.ok()) << document.error().message;
  std::set<std::string> operations;
  for (const Route& route : api_->routes()) {
    EXPECT_TRUE(operations.insert(route.operation).second) << route.operation;
    EXPECT_NE(route.handler == nullptr, route.later == nullptr) << route.operation;
    EXPECT_FALSE(route.answers.empty()) << route.operation;
    const auto path = as_object(*document)["paths"][route.path];
    EXPECT_EQ(path.error(), simdjson::SUCCESS) << route.path;
  }
  constexpr std::string_view kReference = "\"#/components/schemas/";
  int references = 0;
  for (std::size_t at = text_.find(kReference); at != std::string::npos;
       at = text_.find(kReference, at + 1)) {
    const std::size_t start = at + kReference.size();
    const std::string name = text_.substr(start, text_.find('"', start) - start);
    EXPECT_EQ((*document)["components"]["schemas"][name].error(), simdjson::SUCCESS) << name;
    ++references;
  }
  EXPECT_GT(references, 50);
}

TEST_F(OpenApi, NamesWhatFollowsFromTheRulesOfARoute) {
  for (const Route& route : api_->routes()) {
    const auto statuses = route.statuses();
    const auto has = [&](int status) {
      return std::find(statuses.begin(), statuses.end(), status) != statuses.end();
    };
    if (route.right != Right::none) {
      EXPECT_TRUE(has(401) && has(403) && has(429) && has(503)) << route.operation;
    }
    if (route.body) {
      EXPECT_TRUE(has(400) && has(413) && has(415) && has(422)) << route.operation;
    }
  }
}

// What handlers really answer, held against the schema that the document promises.
TEST_F(OpenApi, AnswersKeepTheSchemasOfTheDocument) {
  const std::tuple<Method, const char*, const char*, int> calls[] = {
      {Method::put, "/api/v1/items/a", R"({"title":"A","creator":"c","created_at":5,"attributes":{"k":{}}})",
       200},
      {Method::post, "/api/v1/users", R"([{"id":"u","country":"NL"}])", 200},
      {Method::post, "/api/v1/events",
       R"([{"user_id":"u","item_id":"a","action":"view","context":{"x":1}},{}])", 202},
      {Method::post, "/api/v1/recommendations", R"({"user_id":"u"})", 200},
      {Method::get, "/api/v1/recommendations?user_id=u", "", 200},
      {Method::get, "/api/v1/items/a/similar", "", 200},
      {Method::get, "/api/v1/trending", "", 200},
      {Method::get, "/api/v1/items", "", 200},
      {Method::get, "/api/v1/items/a", "", 200},
      {Method::get, "/api/v1/users", "", 200},
      {Method::get, "/api/v1/users/u", "", 200},
      {Method::put, "/api/v1/users/u", "{}", 200},
      {Method::get, "/api/v1/users/u/events", "", 200},
      {Method::get, "/api/v1/dead-letters", "", 200},
      {Method::get, "/api/v1/stats", "", 200},
      {Method::erase, "/api/v1/users/u", "", 200},
      {Method::get, "/health/live", "", 200},
      {Method::get, "/health/ready", "", 200},
      {Method::get, "/openapi.json", "", 200},
      {Method::get, "/api/v1/items/none", "", 404},
      {Method::post, "/api/v1/dead-letters/replay", "", 409},
  };
  Exchange exchange;
  for (const auto& [method, target, body, status] : calls) {
    SCOPED_TRACE(target);
    exchange.request.clear();
    exchange.request.method = method;
    exchange.request.target = target;
    exchange.request.api_key = "k";
    exchange.request.content_type = "application/json";
    exchange.request.body = body;
    if (!api_->answer(exchange)) {
      Mutex mutex;
      std::condition_variable answered;
      bool done = false;
      Finish finish;
      api_->answer_later(exchange, [&](Finish last) {
        MutexLock lock(mutex);
        finish = std::move(last);
        done = true;
        answered.notify_one();
      });
      MutexLock lock(mutex);
      while (!done) lock.wait(answered);
      if (finish) finish(exchange);
    }
    ASSERT_EQ(exchange.reply.status, status) << exchange.reply.body;
    const Schema* promised = nullptr;
    for (const Answer& answer : exchange.route->answers) {
      if (answer.status == status && status < 400) promised = &answer.schema;
    }
    const Schema error = schema::error();
    if (status >= 400) promised = &error;
    ASSERT_NE(promised, nullptr);
    JsonParser reader;
    const auto answer = reader.parse(exchange.reply.body);
    ASSERT_TRUE(answer.ok()) << exchange.reply.body;
    const auto kept = check_json(*promised, *answer, JsonPath());
    EXPECT_TRUE(kept.ok()) << kept.error().message << "\n" << exchange.reply.body;
  }
}

}  // namespace
}  // namespace winnow

// The API through real sockets: what each operation answers, and every status code.
#include "server/server.h"

#include <gmock/gmock.h>

#include <filesystem>
#include <fstream>

#include "base/processors.h"
#include "server/testing_server.h"

namespace winnow {
namespace {

using testing::Answer;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

class Api : public testing::ServerTest {};

// The processors that threads of this process keep to, in order.
std::vector<int> processors_kept_to() {
  constexpr std::string_view kList = "Cpus_allowed_list:\t";
  std::vector<int> out;
  for (const auto& thread : std::filesystem::directory_iterator("/proc/self/task")) {
    std::ifstream status(thread.path() / "status");
    for (std::string line; std::getline(status, line);) {
      const bool one = line.starts_with(kList) && line.find_first_of("-,") == std::string::npos;
      if (one) out.push_back(std::stoi(line.substr(kList.size())));
    }
  }
  std::ranges::sort(out);
  return out;
}

TEST_F(Api, ThreadsKeepToAProcessorEachWhereTheyAreAsMany) {
  const std::vector<int> processors = allowed_processors();
  if (processors.size() < 2) GTEST_SKIP() << "with one processor, all threads keep to it";
  const auto threads = static_cast<unsigned>(processors.size());
  start({.threads = threads});
  EXPECT_EQ(processors_kept_to(), processors);
  EXPECT_EQ(get("/health/live").status, 200);
  server_.reset();
  EXPECT_THAT(processors_kept_to(), IsEmpty());
  start({.threads = threads - 1});
  EXPECT_THAT(processors_kept_to(), IsEmpty());
  start({.threads = threads, .pin_threads = false});
  EXPECT_THAT(processors_kept_to(), IsEmpty());
}

TEST_F(Api, AnswersHealth) {
  bool open = false;
  ServerOptions options;
  options.ready = [&open]() -> Status {
    if (open) return {};
    return Error{ErrorCode::unavailable, "the store is not open yet"};
  };
  start(options);
  EXPECT_EQ(get("/health/live").body, R"({"status":"live"})");
  const Answer waiting = get("/health/ready");
  EXPECT_EQ(waiting.status, 503);
  EXPECT_EQ(waiting.headers.at("retry-after"), "1");
  EXPECT_THAT(waiting.body, HasSubstr("the store is not open yet"));
  open = true;
  EXPECT_EQ(get("/health/ready").status, 200);
}

TEST_F(Api, RecommendsByQueryAndByBody) {
  start();
  const Answer answer = get("/api/v1/recommendations?user_id=u1&count=3&exclude=2&exclude=7,8");
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.headers.at("content-type"), "application/json");
  EXPECT_EQ(answer.headers.at("cache-control"), "no-store");
  EXPECT_EQ(
      answer.body,
      R"json({"recommendation_id":"r-u1","items":[)json"
      R"json({"item_id":"1","score":1,"reason":"Because you liked \"Toy Story\" (1995)","reason_code":"similar_to",)json"
      R"json("because":"3114","sources":{"als":0.71,"item_to_item":2.2}},)json"
      R"json({"item_id":"3","score":0.33333334,"reason":"Because you liked \"Toy Story\" (1995)",)json"
      R"json("reason_code":"similar_to","because":"3114","sources":{"als":0.71,"item_to_item":2.2}}],)json"
      R"json("took_ms":0.41,"level":"full","missing":[],"candidates":400,"dropped":{"seen":0},"model_version":"v1","cursor":null})json");
  const Answer posted =
      post("/api/v1/recommendations",
           R"({"user_id":"u2","count":1,"session_events":[{"item_id":"5","action":"like"}]})");
  EXPECT_EQ(posted.status, 200);
  EXPECT_THAT(posted.body, HasSubstr(R"("dropped":{"seen":1})"));
}

TEST_F(Api, TakesEmptyTextParametersAsAbsentButNotEmptyNumbers) {
  start();
  EXPECT_EQ(get("/api/v1/recommendations?user_id=u1&surface=&cursor=&exclude=").status, 200);
  const Answer answer = get("/api/v1/recommendations?user_id=u1&count=");
  EXPECT_EQ(answer.status, 400);
  EXPECT_THAT(answer.body, HasSubstr(R"("field":"count")"));
}

TEST_F(Api, NamesTheNearestParameterAndField) {
  start();
  const Answer parameter = get("/api/v1/recommendations?userid=u1");
  EXPECT_EQ(parameter.status, 400);
  EXPECT_THAT(parameter.body, HasSubstr("did you mean user_id?"));
  const Answer field = post("/api/v1/recommendations", R"({"userid":"u1"})");
  EXPECT_EQ(field.status, 422);
  EXPECT_THAT(field.body, HasSubstr("did you mean user_id?"));
  EXPECT_THAT(field.body, HasSubstr(R"("field":"userid")"));
}

TEST_F(Api, RefusesParametersGivenTwiceOutOfRangeOrBadlyEncoded) {
  start();
  for (const char* query :
       {"user_id=a&user_id=b", "count=0", "count=501", "count=1.5", "count=99999999999999999999",
        "user_id=%ff", "user_id=%zz", "user_id=%", "user_id=a%00b", "user_id=a%0Ab"}) {
    const Answer answer = get(std::string("/api/v1/recommendations?") + query);
    EXPECT_EQ(answer.status, 400) << query;
    EXPECT_THAT(answer.body, HasSubstr(R"("code":"invalid")")) << query;
  }
  EXPECT_EQ(get("/api/v1/recommendations?user_id=" + std::string(257, 'a')).status, 400);
  EXPECT_EQ(get("/api/v1/recommendations?user_id=" + std::string(256, 'a')).status, 200);
  EXPECT_EQ(get("/api/v1/recommendations?cursor=broken").status, 409);
  EXPECT_EQ(post("/api/v1/recommendations", R"({"cursor":"broken"})").status, 409);
}

TEST_F(Api, StoresOneEventOrManyAndNamesTheFateOfEach) {
  start();
  EXPECT_EQ(
      post("/api/v1/events", R"({"event_id":"e1","user_id":"u","item_id":"i","action":"click"})").body,
      R"({"accepted":1,"duplicates":0,"rejected":0,"results":[{"event_id":"e1","status":"accepted"}]})");
  const Answer many = post("/api/v1/events", R"({"events":[
      {"event_id":"e1","user_id":"u","item_id":"i","action":"click"},
      {"event_id":"e2","user_id":"u","item_id":"i","action":"clck"},
      {"event_id":"e3","user_id":"u","item_id":"i","action":"rating","value":4.5,"timestamp":"2023-11-14T00:00:00Z"},
      {"event_id":"e4","user_id":"u","item_id":"i","action":"view","timestamp":1800000000000}]})");
  EXPECT_EQ(many.status, 202);
  EXPECT_THAT(many.body, HasSubstr(R"({"accepted":1,"duplicates":1,"rejected":2,)"));
  EXPECT_THAT(many.body, HasSubstr(R"({"event_id":"e1","status":"duplicate"})"));
  EXPECT_THAT(many.body, HasSubstr(R"("field":"events[1].action")"));
  EXPECT_THAT(many.body, HasSubstr(R"("field":"events[3].timestamp")"));
  EXPECT_THAT(post("/api/v1/events", R"([{"user_id":"u","item_id":"","action":"view"}])").body,
              HasSubstr(R"("field":"[0].item_id")"));

  const Answer page = get("/api/v1/users/u/events?count=1");
  EXPECT_THAT(page.body, HasSubstr(R"("event_id":"e3")"));
  EXPECT_THAT(page.body, HasSubstr(R"("timestamp":1699920000000)"));
  EXPECT_THAT(page.body, HasSubstr(R"("cursor":"2")"));
  EXPECT_THAT(get("/api/v1/users/u/events?count=1&cursor=2").body, HasSubstr(R"("event_id":"e1")"));
  EXPECT_EQ(post("/api/v1/events", "[]").body, R"({"accepted":0,"duplicates":0,"rejected":0,"results":[]})");
}

TEST_F(Api, AnswersASingleInvalidEventWith422NamingItsField) {
  start();
  const std::pair<const char*, const char*> cases[] = {
      {R"({"item_id":"i","action":"view"})", "user_id"},
      {R"({"user_id":"u","action":"view"})", "item_id"},
      {R"({"user_id":"u","item_id":"i","action":"stare"})", "action"},
      {R"({"user_id":"u","item_id":"i","action":"view","timestamp":-5})", "timestamp"},
      {R"({"user_id":"u","item_id":"i","action":"view","timestamp":1900000000000})", "timestamp"},
      {R"({"user_id":"u","item_id":"i","action":"view","timestamp":"yesterday"})", "timestamp"},
      {R"({"user_id":"u","item_id":"i","action":"view","value":1e999})", "value"},
      {R"({"user_id":"u","item_id":"i","action":"view","timestamp":99999999999999999999999})", "timestamp"},
      {R"({"user_id":"u","item_id":"i","action":"view","value":"4"})", "value"},
      {R"({"user_id":"u","item_id":"i","action":"view","context":[1]})", "context"},
      {R"({"user_id":"u","item_id":"i","action":"view","action":"like"})", "action"},
      {R"({"user_id":"a\u0001","item_id":"i","action":"view"})", "user_id"},
      {R"({"userid":"u","item_id":"i","action":"view"})", "userid"},
  };
  for (const auto& [body, field] : cases) {
    const Answer answer = post("/api/v1/events", body);
    EXPECT_EQ(answer.status, 422) << body;
    EXPECT_THAT(answer.body, HasSubstr(fmt::format("\"field\":\"{}\"", field))) << body;
  }
  EXPECT_EQ(post("/api/v1/events", R"({"events":{}})").status, 422);
  EXPECT_EQ(post("/api/v1/events", R"("text")").status, 422);
  std::string many = "[0";
  for (int i = 0; i < 1000; ++i) many += ",0";
  EXPECT_EQ(post("/api/v1/events", many + "]").status, 422);
}

TEST_F(Api, SaysWhereABodyIsNotJson) {
  start();
  const Answer answer = post("/api/v1/events", R"({"user_id": "u",, "item_id": "i"})");
  EXPECT_EQ(answer.status, 400);
  EXPECT_THAT(answer.body, HasSubstr("byte 16"));
  EXPECT_EQ(post("/api/v1/events", " ").status, 400);
  EXPECT_EQ(
      request("POST", "/api/v1/events", "Content-Type: application/json\r\nContent-Length: 0\r\n").status,
      400);
  EXPECT_EQ(post("/api/v1/events", "{\"user_id\":\"\xff\"}").status, 400);
  EXPECT_EQ(post("/api/v1/events", "{\"value\":NaN}").status, 400);
  EXPECT_THAT(post("/api/v1/events", std::string(100'000, '[')).body,
              HasSubstr("nested deeper than 32 levels"));
}

TEST_F(Api, KeepsItems) {
  start();
  EXPECT_EQ(
      post("/api/v1/items", R"([{"id":"a","title":"Alien"},{"id":"b/c d","title":"Brazil","price":2.5}])")
          .body,
      R"({"upserted":2})");
  EXPECT_EQ(get("/api/v1/items/b%2Fc%20d").status, 200);
  EXPECT_EQ(get("/api/v1/items/b/c%20d").status, 404);
  EXPECT_EQ(
      put("/api/v1/items/a", R"({"title":"Aliens","created_at":null,"attributes":{"x":[1,{"y":null}]}})")
          .body,
      R"({"id":"a","title":"Aliens","description":"","categories":[],"tags":[],"creator":null,"created_at":null,)"
      R"("duration":0,"price":0,"available":true,"regions":[],"attributes":{"x":[1,{"y":null}]}})");
  const Answer page = get("/api/v1/items?count=1");
  EXPECT_THAT(page.body, HasSubstr(R"("cursor":"a")"));
  EXPECT_THAT(get("/api/v1/items?count=1&cursor=a").body, HasSubstr(R"("cursor":null)"));
  EXPECT_THAT(get("/api/v1/items?ids=b%2Fc+d,nobody,a").body, HasSubstr("Brazil"));
  EXPECT_THAT(get("/api/v1/items?query=Ali").body, HasSubstr("Aliens"));
  EXPECT_EQ(get("/api/v1/items/a/similar").status, 200);
  EXPECT_EQ(get("/api/v1/items/zz/similar").status, 404);
  EXPECT_EQ(request("DELETE", "/api/v1/items/a").status, 204);
  EXPECT_EQ(request("DELETE", "/api/v1/items/a").status, 404);
  EXPECT_EQ(get("/api/v1/items/a").status, 404);
}

TEST_F(Api, RefusesBadItemsWholly) {
  start();
  const Answer answer = post("/api/v1/items", R"({"items":[{"id":"a"},{"id":"b","price":-1}]})");
  EXPECT_EQ(answer.status, 422);
  EXPECT_THAT(answer.body, HasSubstr(R"("field":"items[1].price")"));
  EXPECT_EQ(get("/api/v1/items/a").status, 404);
  EXPECT_THAT(put("/api/v1/items/a", R"({"id":"b"})").body, HasSubstr(R"("field":"id")"));
  EXPECT_THAT(put("/api/v1/items/a", R"({"tags":["x",5]})").body, HasSubstr(R"("field":"tags[1]")"));
}

TEST_F(Api, KeepsAndErasesUsers) {
  start();
  EXPECT_EQ(
      put("/api/v1/users/u", R"({"country":"NL","interests":["Drama"],"signup_date":"2020-01-01"})").body,
      R"({"id":"u","country":"NL","language":"","age_group":"","signup_date":1577836800000,)"
      R"("interests":["Drama"],"follows":[],"attributes":{}})");
  post("/api/v1/events", R"({"user_id":"u","item_id":"i","action":"view"})");
  EXPECT_THAT(get("/api/v1/users").body, HasSubstr(R"({"users":[{"id":"u")"));
  EXPECT_EQ(
      request("DELETE", "/api/v1/users/u").body,
      R"({"user_id":"u","events":1,"profile":true,"features":false,"dead_letters":0,"impressions":0,"rejected_rows":0})");
  EXPECT_EQ(get("/api/v1/users/u").status, 404);
  EXPECT_THAT(get("/api/v1/users/u/events").body, HasSubstr(R"({"events":[],)"));
}

TEST_F(Api, PagesThroughDeadLettersAndPassesConflictsOn) {
  start();
  const Answer first = get("/api/v1/dead-letters?count=2");
  EXPECT_THAT(first.body, HasSubstr(R"("cursor":"2")"));
  const Answer last = get("/api/v1/dead-letters?count=2&cursor=2");
  EXPECT_THAT(last.body, HasSubstr(R"({"dead_letters":[{"id":3,)"));
  EXPECT_THAT(last.body, HasSubstr(R"("cursor":null)"));
  const Answer conflict = request("POST", "/api/v1/dead-letters/replay");
  EXPECT_EQ(conflict.status, 409);
  EXPECT_THAT(conflict.body, HasSubstr(R"("code":"conflict")"));
}

TEST_F(Api, ReportsStatisticsAndMetrics) {
  start();
  get("/api/v1/recommendations?user_id=u&count=2");
  post("/api/v1/events", R"({"user_id":"u","item_id":"i","action":"view"})");
  const Answer stats = get("/api/v1/stats");
  EXPECT_THAT(stats.body, HasSubstr(R"("requests":{"total":1,"errors":0,)"));
  EXPECT_THAT(stats.body, HasSubstr(R"("levels":{"full":1})"));
  EXPECT_THAT(stats.body, HasSubstr(R"("events":{"accepted":1,)"));
  EXPECT_THAT(stats.body, HasSubstr(R"("sources":{"als":2,"item_to_item":2})"));
  EXPECT_THAT(stats.body, HasSubstr(R"("model":{"version":"v1","stage":"live")"));
  EXPECT_THAT(stats.body, HasSubstr(R"("model_error":null)"));
  const Answer metrics = get("/metrics");
  EXPECT_THAT(metrics.headers.at("content-type"), HasSubstr("text/plain; version=0.0.4"));
  EXPECT_THAT(metrics.body, HasSubstr(R"(winnow_recommendations_total{site="default",level="full"} 1)"));
  EXPECT_THAT(metrics.body, HasSubstr(R"(winnow_http_requests_total{operation="recommend",status="2xx"} 1)"));
  EXPECT_THAT(metrics.body, HasSubstr(R"(winnow_stream_lag_events{site="default"} 0)"));
  EXPECT_THAT(metrics.body, HasSubstr(R"(winnow_index_recall{site="default",source="als"} 0.75)"));
}

TEST_F(Api, UsesStatusCodesAsHttpMeansThem) {
  start();
  EXPECT_EQ(get("/nowhere").status, 404);
  EXPECT_EQ(get("/api/v1/items/").status, 404);
  const Answer method = request("PATCH", "/api/v1/items");
  EXPECT_EQ(method.status, 405);
  EXPECT_EQ(method.headers.at("allow"), "GET, HEAD, POST, OPTIONS");
  const Answer options = request("OPTIONS", "/api/v1/items");
  EXPECT_EQ(options.status, 204);
  EXPECT_EQ(options.headers.at("allow"), "GET, HEAD, POST, OPTIONS");
  EXPECT_EQ(request("OPTIONS", "*").status, 204);
  EXPECT_EQ(request("POST", "/api/v1/events", "Content-Type: text/plain\r\n", "{}").status, 415);
  EXPECT_EQ(request("POST", "/api/v1/events", "", "{}").status, 415);
  EXPECT_EQ(
      request("POST", "/api/v1/events", "Content-Type: Application/JSON; charset=utf-8\r\n", "[]").status,
      202);
  const Answer full = post("/api/v1/events", R"({"user_id":"u","item_id":"full disk","action":"view"})");
  EXPECT_EQ(full.status, 503);
  EXPECT_THAT(full.body, HasSubstr(R"("code":"exhausted")"));
  EXPECT_EQ(full.headers.at("retry-after"), "1");
  const Answer head = request("HEAD", "/health/live");
  EXPECT_EQ(head.status, 200);
  EXPECT_EQ(head.headers.at("content-length"), "17");
  EXPECT_EQ(get("http://localhost/health/live").status, 200);
}

TEST_F(Api, TellsNothingOfItsInsidesWhenItFails) {
  start();
  const Answer answer = get("/api/v1/recommendations?user_id=throws");
  EXPECT_EQ(answer.status, 500);
  EXPECT_THAT(answer.body, Not(HasSubstr("secret")));
  EXPECT_THAT(answer.body, HasSubstr(R"("code":"internal")"));
  EXPECT_EQ(get("/health/live").status, 200);
}

TEST_F(Api, WithKeysEachRightOpensItsOwnDoors) {
  testing::TestSite other(clock_);
  const User someone{.id = "only here"};
  ASSERT_TRUE(other.put_users({&someone, 1}).ok());
  ServerOptions options;
  options.keys = {{"reader", sha256_hex("r-key"), {"read"}, nullptr},
                  {"writer", sha256_hex("w-key"), {"write"}, nullptr},
                  {"admin", sha256_hex("a-key"), {"admin"}, &other}};
  start(options);
  const Answer none = get("/api/v1/trending");
  EXPECT_EQ(none.status, 401);
  EXPECT_EQ(none.headers.at("www-authenticate"), "Bearer");
  EXPECT_EQ(get("/api/v1/trending", "X-API-Key: wrong\r\n").status, 401);
  EXPECT_EQ(get("/api/v1/trending", "Authorization: Basic r-key\r\n").status, 401);
  EXPECT_EQ(get("/api/v1/trending", "Authorization: bearer r-key\r\n").status, 200);
  EXPECT_EQ(get("/api/v1/trending", "X-API-Key: r-key\r\n").status, 200);
  EXPECT_EQ(get("/api/v1/trending", "X-API-Key: w-key\r\n").status, 403);
  EXPECT_EQ(request("DELETE", "/api/v1/items/x", "X-API-Key: r-key\r\n").status, 403);
  EXPECT_EQ(request("DELETE", "/api/v1/items/x", "X-API-Key: w-key\r\n").status, 404);
  EXPECT_EQ(request("DELETE", "/api/v1/users/x", "X-API-Key: w-key\r\n").status, 403);
  EXPECT_EQ(request("DELETE", "/api/v1/users/x", "X-API-Key: a-key\r\n").status, 200);
  EXPECT_EQ(get("/metrics").status, 401);
  EXPECT_EQ(get("/health/live").status, 200);
  EXPECT_EQ(get("/openapi.json").status, 200);
  // A key opens its own site and no other.
  EXPECT_EQ(get("/api/v1/users/only%20here", "X-API-Key: a-key\r\n").status, 200);
  EXPECT_EQ(get("/api/v1/users/only%20here", "X-API-Key: r-key\r\n").status, 404);
  // With keys, other hosts' names are fine.
  EXPECT_EQ(get("/api/v1/trending", "Host: shop.example\r\nX-API-Key: r-key\r\n").status, 200);
}

TEST_F(Api, WithoutKeysOnlyThisMachineAndItsOwnPagesAreServed) {
  start();
  const std::string own = fmt::format("Host: localhost:{0}\r\nOrigin: http://localhost:{0}\r\n", port());
  EXPECT_EQ(get("/health/live", "Host: rebound.example\r\n").status, 403);
  EXPECT_EQ(get("/health/live", "Host: 127.0.0.1.evil.example\r\n").status, 403);
  EXPECT_EQ(get("/health/live", "Host: [::1]:80\r\n").status, 200);
  EXPECT_EQ(request("DELETE", "/api/v1/users/u", own).status, 200);
  EXPECT_EQ(request("DELETE", "/api/v1/users/u", "Origin: http://evil.example\r\n").status, 403);
  EXPECT_EQ(request("DELETE", "/api/v1/users/u", "Origin: null\r\n").status, 403);
}

TEST_F(Api, LimitsEachCaller) {
  ServerOptions options;
  options.requests_per_second = 2;
  start(options);
  EXPECT_EQ(get("/api/v1/trending").status, 200);
  EXPECT_EQ(get("/api/v1/trending").status, 200);
  Answer third = get("/api/v1/trending");
  EXPECT_EQ(third.status, 429);
  EXPECT_EQ(third.headers.at("retry-after"), "1");
  EXPECT_THAT(third.body, HasSubstr(R"("code":"rate_limited")"));
  EXPECT_EQ(get("/health/live").status, 200);
}

TEST_F(Api, ServesTheDashboardWithEtagsAndAStrictPolicy) {
  ServerOptions options;
  options.assets = {{"/index.html", "text/html; charset=utf-8", "<!doctype html>"},
                    {"/assets/app.js", "text/javascript", "1"}};
  start(options);
  const Answer page = get("/");
  EXPECT_EQ(page.status, 200);
  EXPECT_EQ(page.body, "<!doctype html>");
  EXPECT_EQ(page.headers.at("content-type"), "text/html; charset=utf-8");
  EXPECT_THAT(page.headers.at("content-security-policy"), HasSubstr("default-src 'none'"));
  EXPECT_EQ(page.headers.at("x-content-type-options"), "nosniff");
  const Answer again = get("/", "If-None-Match: " + page.headers.at("etag") + "\r\n");
  EXPECT_EQ(again.status, 304);
  EXPECT_TRUE(again.body.empty());
  EXPECT_EQ(get("/assets/app.js").headers.at("content-type"), "text/javascript");
  EXPECT_EQ(get("/assets/../index.html").status, 404);
  EXPECT_EQ(request("POST", "/").status, 404);
}

TEST(ServerOptionsCheck, RefusesWhatCannotBeMeantAndNamesTheRemedy) {
  ManualClock clock(1);
  Metrics metrics;
  testing::TestSite site(clock);
  const auto error_of = [&](ServerOptions options) {
    auto started = Server::start(std::move(options), site, metrics, clock);
    EXPECT_FALSE(started.ok());
    return started.ok() ? Error{} : started.error();
  };
  const Error open = error_of({.host = "0.0.0.0", .port = 0});
  EXPECT_EQ(open.field, "host");
  EXPECT_THAT(open.message, HasSubstr("set keys, or listen on 127.0.0.1"));
  EXPECT_EQ(error_of({.host = "example.org", .port = 0}).field, "host");
  EXPECT_EQ(error_of({.port = 0, .threads = 1025}).field, "threads");
  EXPECT_EQ(error_of({.port = 0, .keys = {{"k", "beef", {"read"}}}}).field, "keys");
  EXPECT_EQ(error_of({.port = 0, .keys = {{"k", sha256_hex("x"), {"root"}}}}).field, "keys");
  auto first = Server::start({.port = 0}, site, metrics, clock);
  ASSERT_TRUE(first.ok());
  const Error taken = error_of({.port = (*first)->port()});
  EXPECT_EQ(taken.code, ErrorCode::conflict);
  EXPECT_EQ(taken.field, "port");
}

}  // namespace
}  // namespace winnow

// HTTP/1.1 by hand-written bytes: what a connection survives, refuses and keeps in order.
#include <gmock/gmock.h>

#include <chrono>
#include <thread>
#include <vector>

#include "base/random.h"
#include "server/testing_server.h"

namespace winnow {
namespace {

using namespace std::chrono_literals;
using namespace std::string_literals;
using testing::Answer;
using testing::Client;
using ::testing::HasSubstr;

class Http : public testing::ServerTest {};

constexpr std::string_view kLive = "GET /health/live HTTP/1.1\r\nHost: localhost\r\n\r\n";

TEST_F(Http, KeepsAConnectionOpenUntilItIsAskedNotTo) {
  start();
  Client client(port());
  for (int i = 0; i < 50; ++i) ASSERT_EQ(client.ask(kLive).status, 200);
  const Answer last = client.ask("GET /health/live HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
  EXPECT_EQ(last.headers.at("connection"), "close");
  EXPECT_TRUE(client.closed());

  Client old(port());
  const Answer kept = old.ask("GET /health/live HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
  EXPECT_EQ(kept.headers.at("connection"), "keep-alive");
  EXPECT_EQ(old.ask("GET /health/live HTTP/1.0\r\n\r\n").headers.at("connection"), "close");
  EXPECT_TRUE(old.closed());
}

TEST_F(Http, AnswersPipelinedRequestsInOrderAlsoWhenSomeTakeLonger) {
  start();
  std::string requests;
  for (int i = 0; i < 200; ++i) {
    requests += i % 3 == 0 ? text("GET", "/api/v1/items/none-" + std::to_string(i))
                           : text("GET", "/api/v1/recommendations?count=1&user_id=" + std::to_string(i));
  }
  Client client(port());
  std::thread sender([&] { client.send(requests); });
  for (int i = 0; i < 200; ++i) {
    const Answer answer = client.receive();
    ASSERT_EQ(answer.status, i % 3 == 0 ? 404 : 200) << i;
    ASSERT_THAT(answer.body, HasSubstr(i % 3 == 0 ? "none-" + std::to_string(i) : "r-" + std::to_string(i)));
  }
  sender.join();
}

TEST_F(Http, ReadsRequestsThatComeByteByByte) {
  start();
  const std::string request = text("POST", "/api/v1/events", "Content-Type: application/json\r\n",
                                   R"({"user_id":"u","item_id":"i","action":"view"})");
  Client client(port());
  for (const char byte : "\r\n" + request) ASSERT_TRUE(client.send({&byte, 1}));
  EXPECT_EQ(client.receive().status, 202);
}

TEST_F(Http, TakesChunkedBodies) {
  start();
  Client client(port());
  const std::string head =
      "POST /api/v1/events HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
      "Transfer-Encoding: chunked\r\n\r\n";
  EXPECT_EQ(client.ask(head + "1\r\n[\r\n1;x=y\r\n]\r\n0\r\nTrailer: t\r\n\r\n").status, 202);
  EXPECT_EQ(client.ask(kLive).status, 200);
  EXPECT_EQ(client.ask(head + "zz\r\n").status, 400);
}

TEST_F(Http, SaysContinueOnlyToThoseWhoWait) {
  start();
  Client client(port());
  const std::string head =
      "POST /api/v1/events HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
      "Content-Length: 2\r\nExpect: 100-continue\r\n\r\n";
  EXPECT_EQ(client.ask(head).status, 100);
  EXPECT_EQ(client.ask("[]").status, 202);
  EXPECT_EQ(client.ask(head + "[]").status, 202);
}

TEST_F(Http, RefusesWhatCouldBeReadInTwoWays) {
  start();
  const std::string post =
      "POST /api/v1/events HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n";
  const std::string cases[] = {
      post + "Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n[]",
      post + "Transfer-Encoding: chunked\r\nContent-Length: 2\r\n\r\n0\r\n\r\n",
      post + "Content-Length: 2\r\nContent-Length: 3\r\n\r\n[]",
      post + "Content-Length: +2\r\n\r\n[]",
      post + "Content-Length: 2, 2, 3\r\n\r\n[]",
      post + "Content-Length: -1\r\n\r\n",
      post + "Content-Length: 99999999999999999999\r\n\r\n",
      post + "Transfer-Encoding: gzip\r\n\r\n",
      post + "Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n",
      post + "Content-Length : 2\r\n\r\n[]",
      "POST /api/v1/events HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
      "GET /health/live HTTP/1.1\r\nHost: localhost\r\nHost: localhost\r\n\r\n",
      "GET /health/live HTTP/1.1\r\n\r\n",
      "GET /health/live HTTP/2.0\r\nHost: localhost\r\n\r\n",
      "GET  /health/live HTTP/1.1\r\nHost: localhost\r\n\r\n",
      "GET /health/live\r\n\r\n",
      "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
      "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n"s,
      "GET health/live HTTP/1.1\r\nHost: localhost\r\n\r\n",
      "CONNECT localhost:80 HTTP/1.1\r\nHost: localhost\r\n\r\n",
  };
  for (const std::string& request : cases) {
    Client client(port());
    EXPECT_EQ(client.ask(request).status, 400) << request;
  }
}

TEST_F(Http, LimitsHeadersAndBodies) {
  start();
  Client long_header(port());
  EXPECT_EQ(long_header.ask("GET / HTTP/1.1\r\nHost: localhost\r\nX: " + std::string(70'000, 'x')).status,
            431);
  Client long_target(port());
  EXPECT_EQ(long_target.ask("GET /" + std::string(70'000, 'x')).status, 431);

  const std::string head =
      "POST /api/v1/events HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n";
  Client announced(port());
  EXPECT_EQ(announced.ask(head + "Content-Length: 4194305\r\n\r\n").status, 413);
  Client chunked(port());
  std::thread sender([&] {
    std::string chunk = "100000\r\n" + std::string(0x100000, ' ') + "\r\n";
    bool open = chunked.send(head + "Transfer-Encoding: chunked\r\n\r\n");
    for (int i = 0; i < 5 && open; ++i) open = chunked.send(chunk);
  });
  EXPECT_EQ(chunked.receive().status, 413);
  sender.join();

  Client allowed(port());
  const std::string body = "[" + std::string(4 * 1024 * 1024 - 2, ' ') + "]";
  EXPECT_EQ(allowed.ask(head + fmt::format("Content-Length: {}\r\n\r\n", body.size()) + body).status, 202);
  EXPECT_EQ(allowed.ask(kLive).status, 200);
}

TEST_F(Http, LimitsTheBodiesOfAllConnectionsTogether) {
  ServerOptions options;
  options.max_buffered_bytes = 1024 * 1024;
  start(options);
  const std::string head =
      "POST /api/v1/events HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
      "Content-Length: 4000000\r\n\r\n";
  Client client(port());
  std::thread sender([&] { client.send(head + std::string(3'000'000, ' ')); });
  EXPECT_EQ(client.receive().status, 503);
  sender.join();
  EXPECT_EQ(get("/health/live").status, 200);
}

TEST_F(Http, ClosesConnectionsThatDawdle) {
  ServerOptions options;
  options.idle_timeout = options.header_timeout = options.body_timeout = 60ms;
  start(options);
  Client idle(port());
  Client slow_header(port());
  slow_header.send("GET /health/live HTTP/1.1\r\nHos");
  Client slow_body(port());
  slow_body.send("POST /api/v1/events HTTP/1.1\r\nHost: localhost\r\nContent-Length: 10\r\n\r\n[");
  EXPECT_TRUE(idle.closed());
  EXPECT_TRUE(slow_header.closed());
  EXPECT_TRUE(slow_body.closed());
  EXPECT_EQ(get("/health/live").status, 200);
}

TEST_F(Http, DoesNotLetADripOfBytesExtendADeadline) {
  ServerOptions options;
  options.header_timeout = 150ms;
  options.max_header_bytes = 1 << 30;  // which a quick client would reach before its time is up
  start(options);
  Client client(port());
  ASSERT_TRUE(client.send("GET /health/live HTTP/1.1\r\nX: "));
  const auto deadline = std::chrono::steady_clock::now() + 5s;
  bool open = true;
  while (open && std::chrono::steady_clock::now() < deadline) {
    open = client.send("x");
    std::this_thread::yield();
  }
  EXPECT_FALSE(open);
}

TEST_F(Http, DropsClientsThatDoNotReadTheirAnswers) {
  ServerOptions options;
  options.write_timeout = 100ms;
  start(options);
  Client client(port());
  std::string requests;
  for (int i = 0; i < 100; ++i) requests += text("GET", "/openapi.json");
  bool open = true;
  for (int i = 0; i < 1000 && open; ++i) open = client.send(requests);
  EXPECT_FALSE(open);
  EXPECT_EQ(get("/health/live").status, 200);
}

TEST_F(Http, TurnsAwayConnectionsBeyondItsLimit) {
  ServerOptions options;
  options.max_connections = 2;
  start(options);
  Client first(port()), second(port());
  EXPECT_EQ(first.ask(kLive).status, 200);
  EXPECT_EQ(second.ask(kLive).status, 200);
  Client third(port());
  EXPECT_EQ(third.receive().status, 503);
}

TEST_F(Http, StopFinishesWhatIsInFlightAndClosesTheRest) {
  ServerOptions options;
  options.threads = 2;
  start(options);
  Client idle(port()), also_idle(port());
  ASSERT_EQ(idle.ask(kLive).status, 200);
  ASSERT_EQ(also_idle.ask(kLive).status, 200);
  const std::uint16_t was = port();
  server_->stop();
  EXPECT_TRUE(idle.closed());
  EXPECT_TRUE(also_idle.closed());
  EXPECT_FALSE(Client(was).connected());
  server_->stop();
}

TEST_F(Http, StopsWhileManyClientsAsk) {
  ServerOptions options;
  options.threads = 2;
  start(options);
  std::vector<std::thread> clients;
  clients.reserve(6);
  for (int c = 0; c < 6; ++c) {
    clients.emplace_back([this, c] {
      Client client(port());
      const std::string event = text("POST", "/api/v1/events", "Content-Type: application/json\r\n",
                                     R"({"user_id":"u","item_id":"i","action":"view"})");
      const std::string item = text("GET", "/api/v1/items/x");
      const std::string answer = text("GET", "/api/v1/recommendations?user_id=u");
      for (int i = 0; i < 10'000; ++i) {
        if (client.ask(c % 3 == 0 ? event : (c % 3 == 1 ? item : answer)).status == 0) return;
      }
    });
  }
  for (int i = 0; i < 50; ++i) EXPECT_EQ(get("/health/live").status, 200);
  server_->stop();
  for (std::thread& client : clients) client.join();
}

TEST_F(Http, ALongRequestHoldsUpNobodyWhileAThreadIsFree) {
  ServerOptions options;
  options.threads = 2;
  start(options);
  std::vector<std::unique_ptr<Client>> clients;
  for (int i = 0; i < 8; ++i) {
    clients.push_back(std::make_unique<Client>(port()));
    ASSERT_EQ(clients.back()->ask(kLive).status, 200);
  }
  clients.front()->send(text("GET", "/api/v1/recommendations?user_id=waits"));
  site_.until_one_waits();
  for (std::size_t i = 1; i < clients.size(); ++i) {
    EXPECT_EQ(clients[i]->ask(text("GET", "/api/v1/recommendations?user_id=u")).status, 200);
  }
  site_.release();
  EXPECT_EQ(clients.front()->receive().status, 200);
}

TEST_F(Http, AnAnswerThatComesAfterTheServerIsGoneIsDropped) {
  ServerOptions options;
  options.stop_timeout = 10ms;
  start(options);
  Client client(port());
  client.send(text("POST", "/api/v1/events", "Content-Type: application/json\r\n",
                   R"({"user_id":"waits","item_id":"i","action":"view"})"));
  site_.until_one_waits();
  server_.reset();
  EXPECT_TRUE(client.closed());
  site_.release();
}

// Mutated requests: whatever comes, the server answers or closes, and goes on serving others.
TEST_F(Http, SurvivesRandomBytes) {
  ServerOptions options;
  options.idle_timeout = options.header_timeout = options.body_timeout = 50ms;
  start(options);
  const std::string seeds[] = {
      text("GET", "/api/v1/recommendations?user_id=u&count=3&exclude=a,b"),
      text("POST", "/api/v1/events", "Content-Type: application/json\r\n",
           R"([{"user_id":"u","item_id":"i","action":"view","value":1.5e3,"context":{"a":[null,true]}}])"),
      "POST /api/v1/items HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
      "Transfer-Encoding: chunked\r\n\r\n8\r\n{\"id\":\"a\r\n2\r\n\"}\r\n0\r\n\r\n",
  };
  for (std::uint64_t seed = 1; seed <= 400; ++seed) {
    SCOPED_TRACE(seed);
    Random random(seed);
    std::string bytes = seeds[random.below(3)];
    for (std::uint32_t edits = 1 + random.below(6); edits > 0 && !bytes.empty(); --edits) {
      const std::uint32_t at = random.below(static_cast<std::uint32_t>(bytes.size()));
      switch (random.below(4)) {
        case 0:
          bytes[at] = static_cast<char>(random.below(256));
          break;
        case 1:
          bytes.erase(at, 1 + random.below(8));
          break;
        case 2:
          bytes.insert(at, bytes.substr(random.below(static_cast<std::uint32_t>(bytes.size())), 12));
          break;
        default:
          bytes.insert(at, 1, static_cast<char>(random.below(256)));
      }
    }
    Client client(port());
    client.send(bytes);
    const int status = client.receive().status;
    ASSERT_TRUE(status == 0 || (status >= 200 && status < 500)) << status << "\n" << bytes;
  }
  EXPECT_EQ(get("/health/live").status, 200);
}

}  // namespace
}  // namespace winnow

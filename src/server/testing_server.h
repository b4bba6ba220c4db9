// A running server over a TestSite, and short ways to ask it.
#pragma once

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>

#include "server/server.h"
#include "server/testing_client.h"
#include "server/testing_site.h"

namespace winnow::testing {

class ServerTest : public ::testing::Test {
 protected:
  void start(ServerOptions options = {}) {
    options.port = 0;
    auto started = Server::start(std::move(options), site_, metrics_, clock_);
    ASSERT_TRUE(started.ok()) << started.error().message;
    server_ = std::move(started).value();
  }

  std::uint16_t port() const { return server_->port(); }

  Answer get(std::string_view target, std::string_view headers = "") {
    return request("GET", target, headers);
  }
  Answer request(std::string_view method, std::string_view target, std::string_view headers = "",
                 std::string_view body = "") {
    Client client(port());
    client.send(text(method, target, headers, body));
    return client.receive(method == "HEAD");
  }
  Answer post(std::string_view target, std::string_view body) {
    return request("POST", target, "Content-Type: application/json\r\n", body);
  }
  Answer put(std::string_view target, std::string_view body) {
    return request("PUT", target, "Content-Type: application/json\r\n", body);
  }

  static std::string text(std::string_view method, std::string_view target, std::string_view headers = "",
                          std::string_view body = "") {
    std::string out = fmt::format("{} {} HTTP/1.1\r\n", method, target);
    if (headers.find("Host:") == std::string_view::npos) out += "Host: localhost\r\n";
    out += headers;
    if (!body.empty()) out += fmt::format("Content-Length: {}\r\n", body.size());
    return out + "\r\n" + std::string(body);
  }

  ManualClock clock_{1'700'000'000'000};
  Metrics metrics_;
  TestSite site_{clock_};
  std::unique_ptr<Server> server_;
};

}  // namespace winnow::testing

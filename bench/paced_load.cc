// Asks an HTTP server for paths and prints each answer's latency in microseconds, a line each.
// usage: winnow_paced_load PORT PATHS RATE SECONDS CONNECTIONS SEED random|even
//
// Paths are drawn from the lines of the file PATHS, RATE a second, at random times (Poisson), or each as long
// after the one before. A latency counts from when the request was due, so a server that stands still for a
// moment pays for all that would have come meanwhile (no coordinated omission). Sleeps in between, so that it
// can share its cores with the server: a request takes it less than a tenth of a millisecond, most of it the
// system's. It stands for other machines, so where the system allows it (as root) it goes before the server:
// its own wait for a core would be counted as the server's.
#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sched.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <charconv>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <deque>
#include <fstream>
#include <random>
#include <string>
#include <string_view>
#include <vector>

namespace {

using Clock = std::chrono::steady_clock;
using Time = Clock::time_point;

[[noreturn]] void fail(const std::string& why) {
  std::fprintf(stderr, "error: %s\n", why.c_str());
  std::exit(1);
}

struct Connection {
  int socket = -1;
  Time due;
  std::string answer;
};

int connect_to(int port) {
  const int client = ::socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<std::uint16_t>(port));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (::connect(client, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
    fail("nobody listens on port " + std::to_string(port));
  }
  const int yes = 1;
  ::setsockopt(client, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
  return client;
}

// Whether these are all bytes of an answer; one that is not 200 ends the program.
bool complete(std::string_view answer) {
  const std::size_t end = answer.find("\r\n\r\n");
  if (end == std::string_view::npos) return false;
  if (!answer.starts_with("HTTP/1.1 200 ")) fail("the server answered " + std::string(answer.substr(0, 200)));
  constexpr std::string_view kLength = "\r\nContent-Length: ";
  const std::size_t at = answer.find(kLength);
  std::size_t length = 0;
  if (at < end) std::from_chars(answer.data() + at + kLength.size(), answer.data() + end, length);
  return answer.size() >= end + 4 + length;
}

void send_request(int socket, const std::string& path) {
  const std::string request = "GET " + path + " HTTP/1.1\r\nHost: localhost\r\n\r\n";
  if (::send(socket, request.data(), request.size(), MSG_NOSIGNAL) != static_cast<ssize_t>(request.size())) {
    fail("the server takes no request");
  }
}

std::vector<std::string> lines_of(const char* file) {
  std::vector<std::string> lines;
  std::ifstream in(file);
  for (std::string line; std::getline(in, line);) lines.push_back(line);
  if (lines.empty()) fail(std::string(file) + " holds no paths");
  return lines;
}

}  // namespace

int main(int argc, char** argv) {
  const std::string_view arrivals = argc == 8 ? argv[7] : "";
  if (arrivals != "random" && arrivals != "even") {
    fail("usage: winnow_paced_load PORT PATHS RATE SECONDS CONNECTIONS SEED random|even");
  }
  const std::vector<std::string> paths = lines_of(argv[2]);
  const double rate = std::atof(argv[3]);
  if (rate <= 0) fail("RATE must be positive");
  ::prctl(PR_SET_TIMERSLACK, 1UL);
  const sched_param first{.sched_priority = 1};
  ::sched_setscheduler(0, SCHED_FIFO, &first);
  std::mt19937_64 random(static_cast<std::uint64_t>(std::atoll(argv[6])));
  std::exponential_distribution<double> random_gap(rate);
  const auto gap = [&] { return arrivals == "even" ? 1 / rate : random_gap(random); };
  std::uniform_int_distribution<std::size_t> which(0, paths.size() - 1);

  std::vector<Connection> connections(static_cast<std::size_t>(std::atoi(argv[5])));
  std::vector<Connection*> free;
  const int epoll = ::epoll_create1(0);
  for (Connection& connection : connections) {
    connection.socket = connect_to(std::atoi(argv[1]));
    epoll_event event{.events = EPOLLIN, .data = {.ptr = &connection}};
    ::epoll_ctl(epoll, EPOLL_CTL_ADD, connection.socket, &event);
    free.push_back(&connection);
  }

  const Time start = Clock::now();
  const Time end = start + std::chrono::seconds(std::atoi(argv[4]));
  Time next = start;
  std::deque<Time> waiting;  // due, and without a connection
  std::vector<double> latencies_us;
  while (next < end || !waiting.empty() || free.size() < connections.size()) {
    const Time now = Clock::now();
    if (now > end + std::chrono::seconds(30)) fail("the server does not answer any more");
    for (; next <= now && next < end; next += std::chrono::nanoseconds(static_cast<long>(gap() * 1e9))) {
      waiting.push_back(next);
    }
    while (!waiting.empty() && !free.empty()) {
      free.back()->due = waiting.front();
      send_request(free.back()->socket, paths[which(random)]);
      free.pop_back();
      waiting.pop_front();
    }
    const auto pause =
        next < end ? std::max(next - Clock::now(), Clock::duration::zero()) : std::chrono::seconds(1);
    const timespec at_most{.tv_sec = pause / std::chrono::seconds(1),
                           .tv_nsec = (pause % std::chrono::seconds(1)).count()};
    std::array<epoll_event, 64> events;
    const int ready = ::epoll_pwait2(epoll, events.data(), events.size(), &at_most, nullptr);
    for (int i = 0; i < ready; ++i) {
      auto& connection = *static_cast<Connection*>(events[static_cast<std::size_t>(i)].data.ptr);
      std::array<char, 1 << 16> buffer;
      const ssize_t count = ::recv(connection.socket, buffer.data(), buffer.size(), 0);
      if (count <= 0) fail("the server closed a connection");
      connection.answer.append(buffer.data(), static_cast<std::size_t>(count));
      if (!complete(connection.answer)) continue;
      latencies_us.push_back(
          std::chrono::duration<double, std::micro>(Clock::now() - connection.due).count());
      connection.answer.clear();
      free.push_back(&connection);
    }
  }
  for (const double latency : latencies_us) std::printf("%.1f\n", latency);
  return 0;
}

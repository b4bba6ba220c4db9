// Bytes as a connection reads them: cut into pieces anywhere, parsed as HTTP, and the body read as every kind
// of JSON body. However the bytes are cut, the same requests must come out.
#include <cstdint>
#include <string>
#include <vector>

#include "base/check.h"
#include "server/api_schemas.h"
#include "server/json_fault.h"
#include "server/json_parser.h"
#include "server/json_reader.h"
#include "server/request_parser.h"

namespace winnow {
namespace {

constexpr RequestParser::Limits kLimits{.header_bytes = 4096, .body_bytes = 65536};

// The requests in the bytes, each as one text; `piece` bytes at a time.
std::vector<std::string> read_requests(std::string_view bytes, std::size_t piece) {
  std::vector<std::string> out;
  Request request;
  std::string waiting;
  auto parser = std::make_unique<RequestParser>(request, kLimits);
  while (!bytes.empty()) {
    const std::string_view next = bytes.substr(0, piece);
    bytes.remove_prefix(next.size());
    waiting.append(next);
    for (;;) {
      const bool in_header = !parser->header_done();
      const std::size_t taken = parser->take(waiting.data(), waiting.size());
      waiting.erase(0, taken);
      if (parser->fault()) return out;
      if (parser->complete()) {
        out.push_back(std::to_string(static_cast<int>(request.method)) + request.target + "\n" +
                      request.host + "\n" + request.body);
        request.clear();
        parser = std::make_unique<RequestParser>(request, kLimits);
      } else if (taken == 0 && !(in_header && parser->header_done())) {
        break;
      }
      if (waiting.empty()) break;
    }
  }
  return out;
}

void read_body(const std::string& body) {
  JsonParser parser;
  std::string text = body;
  const auto root = parser.parse(text);
  // The fast reader and the slow one agree on what is JSON.
  WINNOW_CHECK(root.ok() == !find_json_fault(text, kMaxJsonDepth).has_value());
  if (!root.ok()) return;
  if (check_json(schema::event(), *root, {}).ok()) read_event(*root, 0);
  if (check_json(schema::item(), *root, {}).ok()) read_item(*root);
  if (check_json(schema::user(), *root, {}).ok()) read_user(*root);
  if (check_json(schema::recommend_body(), *root, {}).ok()) (void)read_query(*root, 0, 0).ok();
  const Schema batch = schema::event_batch_of(schema::event(), "events", schema::kMaxBatch);
  if (check_json(batch, *root, {}).ok()) batch_entries(batch, *root);
}

}  // namespace
}  // namespace winnow

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::string_view bytes(reinterpret_cast<const char*>(data) + 1, size - 1);
  const auto whole = winnow::read_requests(bytes, bytes.size() + 1);
  WINNOW_CHECK(whole == winnow::read_requests(bytes, 1 + data[0]));
  const std::string body(bytes);
  winnow::read_body(body);
  return 0;
}

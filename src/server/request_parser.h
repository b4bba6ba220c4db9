// RequestParser: bytes to one Request, on Beast's basic_parser: no message containers, no allocation of its
// own.
//
// Strict where sloppiness is dangerous: a request with both Content-Length and Transfer-Encoding, with two
// different lengths, with a transfer coding other than chunked, or (in HTTP/1.1) without exactly one Host is
// refused.
#pragma once

#include <boost/beast/http/basic_parser.hpp>
#include <cstddef>
#include <string>

#include "base/result.h"
#include "server/exchange.h"

namespace winnow {

class RequestParser final : public boost::beast::http::basic_parser<true> {
 public:
  struct Limits {
    std::size_t header_bytes = 64 * 1024;
    std::size_t body_bytes = 4 * 1024 * 1024;
  };

  // Fills `request`, which must outlive the parser.
  RequestParser(Request& request, const Limits& limits);

  struct Fault {
    int status = 400;
    Error error;
  };

  // Takes what it can of the bytes and returns how many. Stops after the header (see header_done) and at the
  // end of the request. On a fault nothing more can be read from the connection.
  std::size_t take(const char* bytes, std::size_t size);

  bool header_done() const { return is_header_done(); }
  bool complete() const { return is_done(); }
  bool started() const { return got_some(); }
  // The client waits for "100 Continue" before it sends the body.
  bool expects_continue() const { return expects_continue_; }
  const std::optional<Fault>& fault() const { return fault_; }

 private:
  using Field = boost::beast::http::field;
  using Text = boost::beast::string_view;
  using ErrorCodeOut = boost::system::error_code;

  void on_request_impl(boost::beast::http::verb method, Text method_text, Text target, int version,
                       ErrorCodeOut& error) override;
  void on_response_impl(int, Text, int, ErrorCodeOut&) override {}
  void on_field_impl(Field name, Text name_text, Text value, ErrorCodeOut& error) override;
  void on_header_impl(ErrorCodeOut& error) override;
  void on_body_init_impl(const boost::optional<std::uint64_t>&, ErrorCodeOut&) override {}
  std::size_t on_body_impl(Text body, ErrorCodeOut& error) override;
  void on_chunk_header_impl(std::uint64_t, Text, ErrorCodeOut&) override {}
  std::size_t on_chunk_body_impl(std::uint64_t, Text body, ErrorCodeOut& error) override;
  void on_finish_impl(ErrorCodeOut&) override {}

  void refuse(int status, ErrorCode code, std::string message);
  void keep_once(std::string& kept, Text value, const char* name);

  Request& request_;
  Limits limits_;
  bool expects_continue_ = false;
  bool has_host_ = false;
  bool has_transfer_encoding_ = false;
  std::optional<Fault> fault_;
};

}  // namespace winnow

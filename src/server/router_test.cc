#include "server/router.h"

#include <gtest/gtest.h>

namespace winnow {
namespace {

std::vector<Route> table() {
  std::vector<Route> routes(3);
  routes[0] = {.method = Method::get, .path = "/items"};
  routes[1] = {.method = Method::get,
               .path = "/items/{id}",
               .parameters = {{"id", Parameter::In::path, schema::id(), "", true}}};
  routes[2] = {.method = Method::put, .path = "/items/{id}", .parameters = routes[1].parameters};
  return routes;
}

TEST(Router, FindsByMethodAndPath) {
  const auto routes = table();
  const Router router(routes);
  EXPECT_EQ(router.find(Method::get, "/items").route, &routes[0]);
  EXPECT_EQ(router.find(Method::head, "/items").route, &routes[0]);
  EXPECT_EQ(router.find(Method::put, "/items/a").route, &routes[2]);
  EXPECT_EQ(router.find(Method::put, "/items").route, nullptr);
  EXPECT_EQ(router.find(Method::put, "/items").allowed, "GET, HEAD, OPTIONS");
  EXPECT_EQ(router.find(Method::other, "/items/a").allowed, "GET, HEAD, PUT, OPTIONS");
  for (const char* nothing : {"/", "/item", "/items/", "/items/a/b", "//items", "/items//"}) {
    EXPECT_EQ(router.find(Method::get, nothing).route, nullptr) << nothing;
    EXPECT_TRUE(router.find(Method::get, nothing).allowed.empty()) << nothing;
  }
}

TEST(Router, DecodesAPathAfterSplittingIt) {
  const auto routes = table();
  Arguments arguments;
  ASSERT_TRUE(Router::read_arguments(routes[1], "/items/a%2Fb+c%25", "", arguments).ok());
  EXPECT_EQ(arguments.text("id"), "a/b+c%");
  EXPECT_FALSE(Router::read_arguments(routes[1], "/items/%00", "", arguments).ok());
  EXPECT_FALSE(Router::read_arguments(routes[1], "/items/a", "id=b", arguments).ok());
}

}  // namespace
}  // namespace winnow

import assert from "node:assert/strict";
import test from "node:test";
import { href, parse } from "./router";

test("every id survives the way into a link and back", () => {
  for (const id of ["1", "a/b", "50%", "Zoë & Co?", "#hash", "<script>", "漢字", " "]) {
    assert.deepEqual(parse(href("user", id)), { page: "user", id, params: {} });
  }
});

test("a link to nowhere lands on the overview", () => {
  assert.equal(parse("").page, "overview");
  assert.equal(parse("#/").page, "overview");
  assert.equal(parse("#/nothing/here").page, "overview");
});

test("a half-encoded id is taken as it stands", () => {
  assert.equal(parse("#/item/100%").id, "100%");
});

test("parameters travel behind the page, and empty ones stay at home", () => {
  assert.equal(href("trending", "", { category: "Sci-Fi & more", country: "" }), "#/trending?category=Sci-Fi+%26+more");
  assert.deepEqual(parse("#/trending?category=Sci-Fi+%26+more").params, { category: "Sci-Fi & more" });
});

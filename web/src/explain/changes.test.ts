import assert from "node:assert/strict";
import test from "node:test";
import { changedPlaces, changes } from "./changes";

test("items are new, moved or where they were", () => {
  const found = changes(["a", "b", "c", "d"], ["a", "d", "b", "x"]);
  assert.deepEqual(found.get("a"), { kind: "same" });
  assert.deepEqual(found.get("d"), { kind: "up", by: 2 });
  assert.deepEqual(found.get("b"), { kind: "down", by: 1 });
  assert.deepEqual(found.get("x"), { kind: "new" });
  assert.equal(found.has("c"), false);
});

test("the same slate has no changed place", () => {
  assert.equal(changedPlaces(["a", "b"], ["a", "b"]), 0);
  assert.equal(changedPlaces(["a", "b"], ["b", "a"]), 2);
  assert.equal(changedPlaces([], ["a"]), 1);
});

import assert from "node:assert/strict";
import test from "node:test";
import { describe } from "./actions";

test("values are told where they mean something", () => {
  assert.deepEqual(describe("rating", 4.5), { text: "Rated 4.5", signal: "neutral" });
  assert.deepEqual(describe("watch", 5420), { text: "Watched 90 min", signal: "neutral" });
  assert.deepEqual(describe("watch", 0), { text: "Watched", signal: "neutral" });
  assert.deepEqual(describe("like", 0), { text: "Liked", signal: "positive" });
});

test("an action of a later version keeps its own name", () => {
  assert.deepEqual(describe("teleport"), { text: "teleport", signal: "neutral" });
});

import assert from "node:assert/strict";
import test from "node:test";
import { batches } from "./catalogue";

test("ids are parted by bare commas, and keep their own", () => {
  assert.deepEqual(batches(["a", "b,c", "d&e"]), ["a,b%2Cc,d%26e"]);
});

test("long lists become several requests, and no ids none", () => {
  const ids = Array.from({ length: 101 }, (_, i) => `${i}`);
  const lists = batches(ids);
  assert.deepEqual(lists.map((list) => list.split(",").length), [50, 50, 1]);
  assert.equal(lists.join(","), ids.join(","));
  assert.deepEqual(batches([]), []);
});

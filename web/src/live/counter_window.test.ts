import assert from "node:assert/strict";
import test from "node:test";
import { CounterWindow } from "./counter_window";

test("the window holds what was added since its start", () => {
  const window = new CounterWindow(60_000);
  window.add(0, { als: 100 });
  window.add(1000, { als: 104, popular: 2 });
  assert.deepEqual(window.grown(), { als: 4, popular: 2 });
});

test("what is older than the span is forgotten", () => {
  const window = new CounterWindow(10_000);
  for (let second = 0; second <= 100; second += 1) window.add(second * 1000, { als: second * 3 });
  assert.deepEqual(window.grown(), { als: 30 });
  assert.equal(window.coveredMs(), 10_000);
});

test("a server that starts anew starts the window anew", () => {
  const window = new CounterWindow(60_000);
  window.add(0, { als: 100 });
  window.add(1000, { als: 3 });
  assert.deepEqual(window.grown(), {});
  window.add(2000, { als: 5 });
  assert.deepEqual(window.grown(), { als: 2 });
});

test("nothing seen is nothing grown", () => {
  const window = new CounterWindow(60_000);
  assert.deepEqual(window.grown(), {});
  window.add(0, { als: 100 });
  assert.deepEqual(window.grown(), {});
});

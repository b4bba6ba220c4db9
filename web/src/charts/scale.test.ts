import assert from "node:assert/strict";
import test from "node:test";
import { axis, largest, latest, linear } from "./scale";

test("a linear scale maps the ends of its domain to the ends of its range", () => {
  const y = linear([0, 10], [100, 0]);
  assert.equal(y(0), 100);
  assert.equal(y(10), 0);
  assert.equal(y(5), 50);
});

test("an empty domain does not divide by zero", () => {
  assert.equal(linear([3, 3], [0, 100])(3), 0);
});

test("every axis is round, covers its maximum and has three to six ticks", () => {
  for (let max = 0.0013; max < 1e7; max *= 1.37) {
    const { max: top, ticks } = axis(max, 0);
    assert.ok(top >= max * 0.999, `${top} covers ${max}`);
    assert.ok(ticks.length >= 3 && ticks.length <= 6, `${ticks.length} ticks for ${max}`);
    assert.equal(ticks[0], 0);
  }
});

test("ticks carry no floating-point dust", () => {
  assert.deepEqual(axis(1, 0.5).ticks, [0, 0.5, 1]);
  assert.deepEqual(axis(0.7, 0.1).ticks, [0, 0.2, 0.4, 0.6, 0.8]);
});

test("an axis without values has its floor", () => {
  assert.equal(axis(0, 1).max, 1);
  assert.equal(axis(Number.NaN, 2).max, 2);
});

test("the largest and the latest skip seconds without values", () => {
  assert.equal(largest([null, 2, null, 1]), 2);
  assert.equal(largest([]), 0);
  assert.equal(latest([1, 3, null]), 3);
  assert.equal(latest([null]), null);
});

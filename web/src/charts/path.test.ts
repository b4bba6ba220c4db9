import assert from "node:assert/strict";
import test from "node:test";
import { areaPath, bridgePath, linePath, runs } from "./path";

const x = (i: number) => i * 10;
const y = (value: number) => 100 - value;

test("runs end where values are missing", () => {
  assert.deepEqual(runs([null, 1, 2, null, 3]), [[[1, 1], [2, 2]], [[4, 3]]]);
  assert.deepEqual(runs([null, null]), []);
});

test("a line breaks at a gap, and a lone value is a dot", () => {
  assert.equal(linePath([1, 2, null, 3], x, y), "M0,99L10,98M30,97h0");
  assert.equal(linePath([null], x, y), "");
});

test("an area stands on the base line", () => {
  assert.equal(areaPath([5, 10], x, y), "M0,100L0,95L10,90L10,100Z");
});

test("a bridge spans the gaps, and needs two ends", () => {
  assert.equal(bridgePath([1, null, 3], x, y), "M0,99L20,97");
  assert.equal(bridgePath([1, null], x, y), "");
});

test("coordinates are rounded to a tenth of a pixel", () => {
  assert.equal(linePath([1 / 3, 2 / 3], x, y), "M0,99.7L10,99.3");
});

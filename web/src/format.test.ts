import assert from "node:assert/strict";
import test from "node:test";
import * as format from "./format";

test("counts are grouped, and an unknown one is a dash", () => {
  assert.equal(format.count(1234567), "1,234,567");
  assert.equal(format.count(null), "–");
  assert.equal(format.count(Number.NaN), "–");
});

test("compact numbers keep three digits and never round into the next unit's name", () => {
  assert.equal(format.compact(999), "999");
  assert.equal(format.compact(100836), "101k");
  assert.equal(format.compact(999_700), "1M");
  assert.equal(format.compact(1_234_567), "1.23M");
  assert.equal(format.compact(0), "0");
});

test("milliseconds become seconds when they are many", () => {
  assert.equal(format.milliseconds(0.412), "0.41 ms");
  assert.equal(format.milliseconds(12.34), "12.3 ms");
  assert.equal(format.milliseconds(345.6), "346 ms");
  assert.equal(format.milliseconds(1530), "1.53 s");
  assert.equal(format.milliseconds(null), "–");
});

test("significant digits follow the magnitude", () => {
  assert.equal(format.significant(0.12345), "0.123");
  assert.equal(format.significant(0.0012345), "0.00123");
  assert.equal(format.significant(12.345), "12.3");
  assert.equal(format.significant(-2.5), "-2.5");
});

test("scores fill up their decimals, so that a column aligns", () => {
  assert.deepEqual([0.1, 0.0812, 1.9, 12.34, 345.6, 0.0012, 0].map(format.score), [
    "0.100",
    "0.081",
    "1.90",
    "12.3",
    "346",
    "0.0012",
    "0.000",
  ]);
  assert.equal(format.score(undefined), "–");
});

test("durations name their two largest units", () => {
  assert.equal(format.duration(0), "0 s");
  assert.equal(format.duration(59), "59 s");
  assert.equal(format.duration(61), "1 min 1 s");
  assert.equal(format.duration(5420), "1 h 30 min");
  assert.equal(format.duration(3601), "1 h");
  assert.equal(format.duration(90000), "1 d 1 h");
});

test("rough durations name one unit", () => {
  assert.deepEqual([45, 2254, 5420, 20_000].map(format.roughDuration), ["45 s", "38 min", "90 min", "6 h"]);
});

test("ago counts up from now and turns into a date after a month", () => {
  const now = Date.UTC(2026, 0, 15, 12);
  assert.equal(format.ago(now - 1000, now), "just now");
  assert.equal(format.ago(now - 42_000, now), "42 s ago");
  assert.equal(format.ago(now - 3 * 60_000, now), "3 min ago");
  assert.equal(format.ago(now - 5 * 3_600_000, now), "5 h ago");
  assert.equal(format.ago(now - 12 * 86_400_000, now), "12 d ago");
  assert.match(format.ago(Date.UTC(2023, 10, 14, 12), now), /^14 Nov 2023$/);
  assert.equal(format.ago(0, now), "–");
});

test("percentages keep a decimal only where it matters", () => {
  assert.equal(format.percent(0.9994), "99.9%");
  assert.equal(format.percent(0.99999), "99.9%");
  assert.equal(format.percent(1), "100%");
  assert.equal(format.percent(0.00001), "<0.1%");
  assert.equal(format.percent(0.004), "0.4%");
  assert.equal(format.percent(0.5), "50%");
  assert.equal(format.percent(0), "0%");
});

test("rates get fewer decimals as they grow", () => {
  assert.equal(format.perSecond(1.5), "1.50");
  assert.equal(format.perSecond(42.25), "42.3");
  assert.equal(format.perSecond(512.4), "512");
  assert.equal(format.perSecond(3210), "3.21k");
});

test("plural agrees with its number", () => {
  assert.equal(format.plural(1, "event"), "1 event");
  assert.equal(format.plural(2000, "event"), "2,000 events");
  assert.equal(format.plural(2, "entry", "entries"), "2 entries");
});

import assert from "node:assert/strict";
import test from "node:test";
import { Chords } from "./keyboard";

function recorder() {
  const calls: string[] = [];
  const note = (name: string) => () => void calls.push(name);
  const chords = new Chords(new Map([["g u", note("user")], ["g t", note("trending")], ["?", note("help")]]));
  return { calls, chords };
}

test("two keys one after another are a chord", () => {
  const { calls, chords } = recorder();
  assert.equal(chords.press("g", 0), true);
  assert.equal(chords.press("u", 500), true);
  assert.deepEqual(calls, ["user"]);
});

test("a chord is forgotten after a moment", () => {
  const { calls, chords } = recorder();
  chords.press("g", 0);
  assert.equal(chords.press("u", 5000), false);
  assert.deepEqual(calls, []);
});

test("a single key works in the middle of a chord, and a second start begins anew", () => {
  const { calls, chords } = recorder();
  chords.press("g", 0);
  chords.press("?", 10);
  chords.press("g", 20);
  chords.press("g", 30);
  chords.press("t", 40);
  assert.deepEqual(calls, ["help", "trending"]);
});

test("a key of nobody is left to the browser", () => {
  const { chords } = recorder();
  assert.equal(chords.press("x", 0), false);
});

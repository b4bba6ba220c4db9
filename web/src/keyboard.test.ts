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
  assert.equal(chords.press("g"), true);
  assert.equal(chords.press("u"), true);
  assert.deepEqual(calls, ["user"]);
});

test("a chord that is forgotten, or broken by another key, is over", () => {
  const { calls, chords } = recorder();
  chords.press("g");
  chords.forget();
  assert.equal(chords.press("u"), false);
  chords.press("g");
  assert.equal(chords.press("Escape"), false);
  assert.equal(chords.press("u"), false);
  assert.deepEqual(calls, []);
});

test("a single key works in the middle of a chord, and a second start begins anew", () => {
  const { calls, chords } = recorder();
  chords.press("g");
  chords.press("?");
  chords.press("g");
  chords.press("g");
  chords.press("t");
  assert.deepEqual(calls, ["help", "trending"]);
});

test("a key of nobody is left to the browser", () => {
  const { chords } = recorder();
  assert.equal(chords.press("x"), false);
});

import assert from "node:assert/strict";
import test from "node:test";
import { RecentUsers } from "./recent_users";

function storage(initial: Record<string, string> = {}): Storage {
  const map = new Map(Object.entries(initial));
  return {
    getItem: (key: string) => map.get(key) ?? null,
    setItem: (key: string, value: string) => void map.set(key, value),
  } as unknown as Storage;
}

test("the newest stands first, once, and eight are kept", () => {
  const recent = new RecentUsers(storage());
  for (let id = 1; id <= 10; id += 1) recent.add(`${id}`);
  recent.add("5");
  assert.deepEqual(recent.list(), ["5", "10", "9", "8", "7", "6", "4", "3"]);
  recent.remove("5");
  assert.equal(recent.list().includes("5"), false);
});

test("damaged storage is an empty list", () => {
  assert.deepEqual(new RecentUsers(storage({ "winnow.users": "{" })).list(), []);
  assert.deepEqual(new RecentUsers(storage({ "winnow.users": '[1,"a",null]' })).list(), ["a"]);
});

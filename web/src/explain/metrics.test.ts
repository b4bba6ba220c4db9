import assert from "node:assert/strict";
import test from "node:test";
import { headline, table } from "./metrics";

const metrics = {
  "popular.ndcg@10": 0.08,
  "blend.recall@20": 0.2,
  "blend.ndcg@10": 0.12,
  "als.ndcg@10": 0.11,
  "blend.ndcg@20": 0.13,
  "blend.gini@10": 0.9,
  "popular.gini@10": 0.99,
  "users": 610,
};

test("models and metrics stand in a fixed order", () => {
  const { models, rows } = table(metrics);
  assert.deepEqual(models, ["blend", "als", "popular"]);
  assert.deepEqual(rows.map((row) => row.name), ["NDCG@10", "NDCG@20", "Recall@20", "Gini@10"]);
  assert.deepEqual(rows.map((row) => row.cut), [10, 20, 20, 10]);
  assert.deepEqual(rows[0]?.values, [0.12, 0.11, 0.08]);
  assert.deepEqual(rows[1]?.values, [0.13, null, null]);
});

test("the best is the highest, the lowest for Gini, and nobody alone", () => {
  const { rows } = table(metrics);
  assert.equal(rows[0]?.best, 0);
  assert.equal(rows.find((row) => row.key === "gini@10")?.best, 0);
  assert.equal(rows[1]?.best, null);
});

test("the headline sets the blend against popularity", () => {
  const found = headline(metrics);
  assert.equal(found?.name, "NDCG@10");
  assert.equal(found?.value, 0.12);
  assert.ok(Math.abs((found?.overPopular ?? 0) - 1.5) < 1e-9);
});

test("no metrics, no headline", () => {
  assert.equal(headline({}), null);
  assert.deepEqual(table({}), { models: [], rows: [] });
});

// Model quality: "blend.ndcg@10" -> 0.12 becomes a table with one row per metric and one column per model.

export interface MetricRow {
  key: string; // "ndcg@10"
  cut: number; // 10; 0 for a metric of whole lists
  name: string; // "NDCG@10"
  about: string;
  lowerIsBetter: boolean;
  values: (number | null)[]; // in the order of models
  best: number | null; // index into values; null where fewer than two models have one
}

export interface MetricTable {
  models: string[];
  rows: MetricRow[];
}

const known: Record<string, { name: string; about: string; lowerIsBetter?: boolean }> = {
  ndcg: { name: "NDCG", about: "Are the right items near the top?" },
  recall: { name: "Recall", about: "How many of the right items are in the list?" },
  precision: { name: "Precision", about: "How much of the list is right?" },
  hit_rate: { name: "Hit rate", about: "Users with at least one right item" },
  mrr: { name: "MRR", about: "How early comes the first right item?" },
  map: { name: "MAP", about: "Precision averaged over the right items" },
  coverage: { name: "Coverage", about: "Share of the catalogue that is ever recommended" },
  diversity: { name: "Diversity", about: "How different are the items of one list?" },
  novelty: { name: "Novelty", about: "Surprise, in bits: how little known are the items?" },
  gini: { name: "Gini", about: "0: all items recommended alike, 1: always the same", lowerIsBetter: true },
};
const metricOrder = Object.keys(known);
const modelOrder = ["blend", "als", "item_to_item", "two_tower", "graph", "spectral", "popular"];

export function table(metrics: Readonly<Record<string, number>>): MetricTable {
  const parsed = Object.entries(metrics).flatMap(([key, value]) => {
    const dot = key.indexOf(".");
    if (dot <= 0 || !Number.isFinite(value)) return [];
    return [{ model: key.slice(0, dot), key: key.slice(dot + 1), value }];
  });
  const models = [...new Set(parsed.map((entry) => entry.model))].sort(by(modelOrder));
  const keys = [...new Set(parsed.map((entry) => entry.key))].sort(
    (a, b) => by(metricOrder)(base(a), base(b)) || cut(a) - cut(b) || a.localeCompare(b),
  );
  const rows = keys.map((key): MetricRow => {
    const naming = known[base(key)];
    const values = models.map(
      (model) => parsed.find((entry) => entry.model === model && entry.key === key)?.value ?? null,
    );
    const lowerIsBetter = naming?.lowerIsBetter ?? false;
    return {
      key,
      cut: cut(key),
      name: `${naming?.name ?? base(key)}${key.includes("@") ? `@${cut(key)}` : ""}`,
      about: naming?.about ?? "",
      lowerIsBetter,
      values,
      best: bestOf(values, lowerIsBetter),
    };
  });
  return { models, rows };
}

// The one number that is told first: NDCG at the smallest cut, of the model that serves, and of popularity.
export function headline(metrics: Readonly<Record<string, number>>): {
  name: string;
  value: number;
  overPopular: number | null;
} | null {
  const { models, rows } = table(metrics);
  const row = rows.find((candidate) => base(candidate.key) === "ndcg") ?? rows[0];
  const served = models.indexOf("blend") >= 0 ? models.indexOf("blend") : 0;
  const value = row?.values[served];
  if (!row || value === null || value === undefined) return null;
  const popular = row.values[models.indexOf("popular")] ?? null;
  return { name: row.name, value, overPopular: popular !== null && popular > 0 ? value / popular : null };
}

function bestOf(values: readonly (number | null)[], lowerIsBetter: boolean): number | null {
  const present = values.flatMap((value, i) => (value === null ? [] : [{ value, i }]));
  if (present.length < 2) return null;
  const sign = lowerIsBetter ? -1 : 1;
  return present.reduce((best, entry) => (entry.value * sign > best.value * sign ? entry : best)).i;
}

function base(key: string): string {
  return key.split("@")[0] ?? key;
}

function cut(key: string): number {
  return Number(key.split("@")[1] ?? 0);
}

function by(order: readonly string[]): (a: string, b: string) => number {
  const place = (name: string) => (order.includes(name) ? order.indexOf(name) : order.length);
  return (a, b) => place(a) - place(b);
}

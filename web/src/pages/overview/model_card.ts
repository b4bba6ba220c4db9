// The live model: the one number that matters first, then every metric of every model side by side.

import type { ModelVersion } from "../../api/types";
import { h, replace } from "../../dom";
import { headline, type MetricRow, table } from "../../explain/metrics";
import { humanise } from "../../explain/sources";
import { ago, dateTime, score } from "../../format";
import { card } from "../../parts/card";
import { segments } from "../../parts/segments";
import { empty } from "../../parts/states";

export function modelCard(model: ModelVersion | null, nowMs: number): HTMLElement {
  if (!model) {
    return card(
      "Live model",
      {},
      empty("No model is live.", "Until one is, answers are made of what is popular, trending and new. ", h("code", {}, "winnow train"), " makes one."),
    );
  }
  const { models, rows } = table(model.metrics);
  const first = headline(model.metrics);
  return card(
    "Live model",
    { aside: h("span", { class: "quiet", title: dateTime(model.created_at) }, `trained ${ago(model.created_at, nowMs)}`) },
    h(
      "div",
      { class: "headline" },
      first &&
        h("p", { class: "headline-value" }, score(first.value), h("span", { class: "headline-unit" }, first.name)),
      first?.overPopular &&
        h("p", { class: "lift" }, h("strong", {}, `${first.overPopular.toFixed(2)}×`), " of what popularity alone reaches"),
      h("p", { class: "quiet" }, h("code", {}, model.version)),
    ),
    rows.length === 0 ? empty("No metrics were kept with this version.") : metrics(models, rows),
  );
}

// One cut-off at a time: all of them at once say the same thing twice.
function metrics(models: readonly string[], rows: readonly MetricRow[]): HTMLElement {
  const cuts = [...new Set(rows.map((row) => row.cut))].filter((cut) => cut > 0).sort((a, b) => a - b);
  const body = h("tbody");
  const show = (cut: number) =>
    replace(body, rows.filter((row) => row.cut === cut || row.cut === 0).map((row) => metricRow(row)));
  show(cuts[0] ?? 0);
  return h(
    "div",
    {},
    cuts.length > 1 &&
      segments("Length of the lists", cuts.map((cut) => ({ name: `Top ${cut}`, choose: () => show(cut) }))),
    h(
      "div",
      { class: "table-scroll", tabindex: 0, role: "region", "aria-label": "Metrics of the live model" },
      h(
        "table",
        { class: "metrics" },
        h(
          "thead",
          {},
          h(
            "tr",
            {},
            h("th", { scope: "col" }, "Metric"),
            models.map((name) => h("th", { scope: "col", class: "number" }, name === "als" ? "ALS" : humanise(name))),
          ),
        ),
        body,
      ),
    ),
    h("p", { class: "quiet small" }, "On held-out events. The best of each row is bold; ↓ marks where less is better."),
  );
}

function metricRow(row: MetricRow): HTMLElement {
  const most = Math.max(...row.values.map((value) => value ?? 0), 1e-12);
  return h(
    "tr",
    {},
    h("th", { scope: "row", title: row.about }, row.name, row.lowerIsBetter && h("span", { class: "quiet" }, " ↓")),
    row.values.map((value, i) =>
      h(
        "td",
        { class: `number meter ${i === row.best ? "strong" : ""}`, vars: { "--share": `${Math.max(0, (value ?? 0) / most)}` } },
        score(value),
      ),
    ),
  );
}

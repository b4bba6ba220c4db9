// Every version that the registry keeps, newest first.

import type { ModelVersion } from "../../api/types";
import { h } from "../../dom";
import { headline } from "../../explain/metrics";
import { humanise } from "../../explain/sources";
import { ago, dateTime, score } from "../../format";
import { card } from "../../parts/card";
import { empty } from "../../parts/states";

const moods: Record<string, string> = { live: "good", candidate: "info", shadow: "info", canary: "info", rejected: "bad" };

export function versionsTable(models: readonly ModelVersion[], live: string | null, nowMs: number): HTMLElement {
  if (models.length === 0) {
    return card("Versions", {}, empty("No version yet.", h("code", {}, "winnow train"), " registers the first one."));
  }
  const metric = models.map((model) => headline(model.metrics)).find((found) => found !== null);
  return card(
    "Versions",
    { about: "Newest first" },
    h(
      "div",
      { class: "table-scroll", tabindex: 0, role: "region", "aria-label": "Model versions" },
      h(
        "table",
        {},
        h(
          "thead",
          {},
          h(
            "tr",
            {},
            h("th", { scope: "col" }, "Version"),
            h("th", { scope: "col" }, "Stage"),
            h("th", { scope: "col" }, "Trained"),
            h("th", { scope: "col", class: "number" }, metric?.name ?? "Quality"),
            h("th", { scope: "col", class: "number" }, "vs. popular"),
          ),
        ),
        h(
          "tbody",
          {},
          models.map((model) => {
            const found = headline(model.metrics);
            const stage = model.stage ?? (model.version === live ? "live" : "");
            return h(
              "tr",
              {},
              h("th", { scope: "row" }, h("code", {}, model.version), model.note ? h("div", { class: "quiet note" }, model.note) : null),
              h("td", {}, h("span", { class: `stage ${moods[stage] ?? ""}` }, humanise(stage))),
              h("td", { class: "when", title: dateTime(model.created_at) }, ago(model.created_at, nowMs)),
              h("td", { class: "number" }, score(found?.value)),
              h("td", { class: "number" }, found?.overPopular ? `${found.overPopular.toFixed(2)}×` : "–"),
            );
          }),
        ),
      ),
    ),
  );
}

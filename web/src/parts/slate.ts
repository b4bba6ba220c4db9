// A ranked list of items and why each is in it: recommendations, neighbours, what is trending.
//
// Each source's score has a scale of its own, so a bar shows the share of the largest score that this source gave
// within this list: bars compare items, never sources.

import type { Item, SlateItem } from "../api/types";
import { h } from "../dom";
import type { Change } from "../explain/changes";
import { humanise, inOrder, source } from "../explain/sources";
import { score as asScore } from "../format";
import { icon, type IconName } from "../icons";
import { href } from "../router";
import { categories, tile, titleLink } from "./item_face";

export interface SlateAction {
  action: string; // of the event
  label: string;
  icon: IconName;
  key: string; // while the row has the focus
}

export interface SlateOptions {
  label: string;
  items: readonly SlateItem[];
  details: ReadonlyMap<string, Item>;
  view: "reasons" | "sources";
  changes?: ReadonlyMap<string, Change> | undefined;
  actions?: readonly SlateAction[];
  act?: (item: SlateItem, action: SlateAction) => void;
}

// The largest score of each source in the list.
export function tops(items: readonly SlateItem[]): Map<string, number> {
  const found = new Map<string, number>();
  for (const { sources } of items) {
    for (const [id, score] of Object.entries(sources)) found.set(id, Math.max(found.get(id) ?? 0, score));
  }
  return found;
}

export function slate(options: SlateOptions): HTMLElement {
  return options.view === "sources" ? matrix(options) : list(options);
}

function list(options: SlateOptions): HTMLElement {
  const most = tops(options.items);
  // What is the same in every row need not be said in every row.
  const oneSource = most.size === 1;
  const oneReason = options.items.length > 1 && new Set(options.items.map((item) => item.reason)).size === 1;
  return h(
    "ol",
    { class: `slate ${oneSource ? "one-source" : ""} ${options.actions ? "with-acts" : ""}`, "aria-label": options.label, on: { keydown: (event) => walk(event, options) } },
    options.items.map((item, i) => {
      const detail = options.details.get(item.item_id) ?? { id: item.item_id, title: item.item_id };
      return h(
        "li",
        { class: "slate-row", tabindex: i === 0 ? 0 : -1, "data-id": item.item_id },
        h("span", { class: "rank" }, `${i + 1}`, change(options.changes?.get(item.item_id))),
        tile(detail),
        h(
          "div",
          { class: "slate-main" },
          titleLink(detail),
          h("span", { class: "slate-categories quiet" }, categories(detail)),
          oneReason ? null : h("span", { class: "reason" }, reason(item)),
        ),
        h("div", { class: "why", role: "group", "aria-label": "Sources" }, bars(item, most)),
        h("span", { class: "score number", title: "Score within this list" }, asScore(item.score)),
        options.actions && h("div", { class: "acts" }, options.actions.map((action) => button(options, item, detail, action))),
      );
    }),
  );
}

// Items against sources, one cell per score: at a glance, who proposed what.
function matrix(options: SlateOptions): HTMLElement {
  const most = tops(options.items);
  const columns = inOrder(most.keys());
  return h(
    "div",
    { class: "table-scroll", tabindex: 0, role: "region", "aria-label": `${options.label}: sources` },
    h(
      "table",
      { class: "matrix" },
      h(
        "thead",
        {},
        h(
          "tr",
          {},
          h("th", { scope: "col", class: "number" }, "#"),
          h("th", { scope: "col" }, "Item"),
          columns.map((id) => h("th", { scope: "col", class: "number", title: source(id).about }, source(id).name)),
          h("th", { scope: "col", class: "number" }, "Score"),
        ),
      ),
      h(
        "tbody",
        {},
        options.items.map((item, i) => {
          const detail = options.details.get(item.item_id) ?? { id: item.item_id, title: item.item_id };
          return h(
            "tr",
            {},
            h("td", { class: "number quiet" }, `${i + 1}`),
            h("th", { scope: "row" }, titleLink(detail)),
            columns.map((id) => {
              const score = item.sources[id];
              if (score === undefined) return h("td", { class: "cell none" }, h("span", { "aria-hidden": "true" }, "·"));
              return h(
                "td",
                { class: `cell number ${source(id).tone}`, vars: { "--heat": `${share(score, most.get(id))}` } },
                asScore(score),
              );
            }),
            h("td", { class: "number strong" }, asScore(item.score)),
          );
        }),
      ),
    ),
  );
}

function bars(item: SlateItem, most: ReadonlyMap<string, number>) {
  return inOrder(Object.keys(item.sources)).map((id) => {
    const { name, about, tone } = source(id);
    const score = item.sources[id] ?? 0;
    return h(
      "div",
      { class: "why-row", title: about },
      h("span", { class: "why-name" }, name),
      h("span", { class: "why-bar", "aria-hidden": "true" }, h("span", { class: tone, vars: { "--share": `${share(score, most.get(id))}` } })),
      h("span", { class: "number" }, asScore(score)),
    );
  });
}

// A reason that speaks of an item leads to it.
function reason(item: SlateItem) {
  const text = item.reason || humanise(item.reason_code);
  if (item.because === null || item.because === undefined) return text;
  return h("a", { href: href("item", item.because) }, text);
}

function change(what: Change | undefined) {
  if (!what || what.kind === "same") return null;
  if (what.kind === "new") return h("span", { class: "change new" }, "new");
  const up = what.kind === "up";
  return h(
    "span",
    { class: `change ${what.kind}` },
    h("span", { class: "visually-hidden" }, `moved ${what.kind} by `),
    h("span", { "aria-hidden": "true" }, up ? "▲" : "▼"),
    `${what.by}`,
  );
}

function button(options: SlateOptions, item: SlateItem, detail: Item, action: SlateAction) {
  return h(
    "button",
    {
      type: "button",
      class: `act act-${action.action}`,
      "aria-label": `${action.label}: ${detail.title}`,
      title: `${action.label} (${action.key})`,
      on: { click: () => options.act?.(item, action) },
    },
    icon(action.icon),
  );
}

// j and k walk the rows; the keys of the actions work on the row in focus, so none fires by accident.
function walk(event: KeyboardEvent, options: SlateOptions): void {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  const row = (event.target as Element).closest<HTMLElement>(".slate-row");
  if (!row) return;
  const down = event.key === "j" || event.key === "ArrowDown";
  const up = event.key === "k" || event.key === "ArrowUp";
  if (down || up) {
    const other = (down ? row.nextElementSibling : row.previousElementSibling) as HTMLElement | null;
    if (other) {
      row.tabIndex = -1;
      other.tabIndex = 0;
      other.focus();
    }
  } else if (event.target === row && event.key === "Enter") {
    window.location.hash = href("item", row.dataset["id"]);
  } else {
    const action = event.target === row && options.actions?.find((candidate) => candidate.key === event.key);
    const item = options.items.find((candidate) => candidate.item_id === row.dataset["id"]);
    if (!action || !item) return;
    options.act?.(item, action);
  }
  event.preventDefault();
  event.stopPropagation();
}

function share(score: number, most: number | undefined): number {
  if (most === undefined || most <= 0) return 0;
  return Math.round(Math.min(1, Math.max(0, score / most)) * 1000) / 1000;
}

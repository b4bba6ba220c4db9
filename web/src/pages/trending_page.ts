// What is rising right now, overall or within a category or country; looks again every ten seconds.

import type { Item, ItemList } from "../api/types";
import { h, replace } from "../dom";
import { changes } from "../explain/changes";
import { plural } from "../format";
import type { Context, PageView } from "../page";
import { card } from "../parts/card";
import { flip } from "../parts/flip";
import { slate } from "../parts/slate";
import { aborted, empty, failure, loading } from "../parts/states";
import { href, type Route } from "../router";

const kCount = 30;
const kAgainMs = 10_000;

export function trendingPage(context: Context, route: Route): PageView {
  const { client, catalogue, signal } = context;
  const category = route.params["category"] ?? "";
  const country = route.params["country"] ?? "";
  const body = h("div", {}, loading(8));
  const offered = h("datalist", { id: "trending-categories" });
  const categoryInput = h("input", {
    class: "text-input",
    name: "category",
    value: category,
    placeholder: "Every category",
    list: "trending-categories",
    autocomplete: "off",
    maxlength: 256,
  });
  const countryInput = h("input", {
    class: "text-input country",
    name: "country",
    value: country,
    placeholder: "Everywhere",
    autocomplete: "off",
    maxlength: 8,
  });
  const filters = h(
    "form",
    {
      class: "filters",
      on: {
        submit: (event) => {
          event.preventDefault();
          apply();
        },
        change: () => apply(),
      },
    },
    h("label", {}, h("span", {}, "Category"), categoryInput),
    h("label", {}, h("span", {}, "Country"), countryInput),
    h("button", { class: "button" }, "Show"),
    (category || country) && h("a", { class: "button plain", href: href("trending") }, "Clear"),
    offered,
  );
  const apply = () => {
    window.location.hash = href("trending", "", {
      category: categoryInput.value.trim(),
      country: countryInput.value.trim().toUpperCase(),
    });
  };

  let shown: string[] = [];
  const load = async () => {
    try {
      const { items } = await client.get<ItemList>("/api/v1/trending", { count: kCount, category, country }, signal);
      const details = await catalogue.items(items.map((item) => item.item_id), signal);
      const ids = items.map((item) => item.item_id);
      flip(body, () => {
        replace(
          body,
          items.length > 0
            ? slate({
                label: "Trending",
                items,
                details,
                view: "reasons",
                changes: shown.length > 0 ? changes(shown, ids) : undefined,
              })
            : nothing(category, country),
        );
      });
      if (shown.length === 0) context.announce(plural(items.length, "trending item"));
      shown = ids;
      offer(offered, details);
    } catch (error) {
      if (!aborted(error)) replace(body, failure(error, () => void load()));
    }
  };
  void load();
  const timer = setInterval(() => {
    // A list that someone walks through with the keyboard stays as it is.
    if (!document.hidden && !body.contains(document.activeElement)) void load();
  }, kAgainMs);
  signal.addEventListener("abort", () => clearInterval(timer));

  const scope = [category, country].filter((part) => part !== "").join(", ");
  return {
    title: scope ? `Trending: ${scope}` : "Trending",
    element: h(
      "div",
      { class: "page" },
      h(
        "div",
        { class: "page-head" },
        h("div", {}, h("h1", {}, "Trending"), h("p", { class: "quiet" }, "What gathers actions faster than it used to, right now.")),
        filters,
      ),
      card(scope || "Everything", { class: "wide" }, body),
    ),
    refresh: () => void load(),
  };
}

function nothing(category: string, country: string) {
  if (category || country) return empty("Nothing is trending here.", "Try another category or country.");
  return empty("Nothing is trending yet.", "Trends appear as soon as events come in: POST /api/v1/events.");
}

function offer(list: HTMLElement, details: ReadonlyMap<string, Item>): void {
  const names = new Set([...list.children].map((option) => option.getAttribute("value") ?? ""));
  for (const item of details.values()) for (const name of item.categories ?? []) names.add(name);
  replace(list, [...names].sort().map((name) => h("option", { value: name })));
}

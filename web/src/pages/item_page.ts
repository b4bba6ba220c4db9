// Items: search by title, then one item's details beside its neighbours.

import { ApiError } from "../api/client";
import type { EventsAnswer, Item, ItemList } from "../api/types";
import { type Child, h, replace } from "../dom";
import { describe } from "../explain/actions";
import { humanise } from "../explain/sources";
import { count, dateTime, duration, milliseconds, plural } from "../format";
import type { Context, PageView } from "../page";
import { card } from "../parts/card";
import { Combobox } from "../parts/combobox";
import { categories, tile, titleLink } from "../parts/item_face";
import { slate } from "../parts/slate";
import { aborted, empty, failure, loading } from "../parts/states";
import { href, type Route } from "../router";

const kNeighbours = 20;
const kFound = 40;

export function itemPage(context: Context, route: Route): PageView {
  const { catalogue } = context;
  const query = route.params["query"] ?? "";
  const search = new Combobox({
    label: "Find an item by title or id",
    placeholder: "Find an item by title or id",
    value: query,
    suggest: async (text, signal) => {
      if (text === "") return [];
      const items = await catalogue.search(text, signal);
      return items.map((item) => ({ label: item.title, detail: categories(item, 3), href: href("item", item.id) }));
    },
    submit: (text) => void (window.location.hash = href("item", "", { query: text })),
  });
  const body = h("div", {});
  const view: PageView = {
    title: "Items",
    element: h("div", { class: "page" }, h("div", { class: "page-head" }, h("h1", {}, "Items"), search.element), body),
    search: search.input,
  };
  const load = route.id !== "" ? () => one(context, route.id, body) : () => found(context, query, body);
  view.refresh = () => void load();
  if (route.id !== "") view.title = `Item ${route.id}`;
  void load();
  return view;
}

// Titles that hold the words; without words, the catalogue's first items to begin with.
async function found(context: Context, query: string, body: HTMLElement): Promise<void> {
  const { catalogue, client, signal } = context;
  replace(body, loading(8));
  try {
    const items = query
      ? await catalogue.search(query, signal, kFound)
      : (await client.get<{ items: Item[] }>("/api/v1/items", { count: 24 }, signal)).items;
    if (items.length === 0) {
      replace(
        body,
        query
          ? empty(`No title holds “${query}”.`, "Fewer letters find more.")
          : empty("The catalogue is empty.", "winnow import, or POST /api/v1/items, fills it."),
      );
      return;
    }
    const title = query ? `${plural(items.length, "item")} for “${query}”` : "From the catalogue";
    if (query) context.announce(title);
    replace(
      body,
      card(
        title,
        { class: "wide" },
        h(
          "ul",
          { class: "item-grid" },
          items.map((item) =>
            h("li", {}, tile(item), h("div", {}, titleLink(item), h("span", { class: "quiet" }, categories(item, 3)))),
          ),
        ),
      ),
    );
  } catch (error) {
    if (!aborted(error)) replace(body, failure(error, () => void found(context, query, body)));
  }
}

async function one(context: Context, id: string, body: HTMLElement): Promise<void> {
  const { catalogue, signal } = context;
  replace(body, loading(6));
  try {
    const item = await catalogue.item(id, signal);
    document.title = `${item.title} · Winnow`;
    const neighbours = h("div", {}, loading(6));
    replace(
      body,
      h(
        "div",
        { class: "columns" },
        details(context, item),
        card("Neighbours", { about: "Whoever liked this also liked these" }, neighbours),
      ),
    );
    await showNeighbours(context, item, neighbours);
  } catch (error) {
    if (aborted(error)) return;
    const gone = error instanceof ApiError && error.status === 404;
    replace(
      body,
      gone
        ? empty(`There is no item “${id}”.`, "Search by title above: ", h("kbd", {}, "/"))
        : failure(error, () => void one(context, id, body)),
    );
  }
}

async function showNeighbours(context: Context, item: Item, body: HTMLElement): Promise<void> {
  const { client, catalogue, signal } = context;
  try {
    const path = `/api/v1/items/${encodeURIComponent(item.id)}/similar`;
    const { items } = await client.get<ItemList>(path, { count: kNeighbours }, signal);
    const known = await catalogue.items(items.map((neighbour) => neighbour.item_id), signal);
    replace(
      body,
      items.length > 0
        ? slate({ label: "Neighbours", items, details: known, view: "reasons" })
        : empty("No neighbours yet.", "Too few people acted on this item, or no model is live: winnow train."),
    );
  } catch (error) {
    if (!aborted(error)) replace(body, failure(error, () => void showNeighbours(context, item, body)));
  }
}

function details(context: Context, item: Item): HTMLElement {
  const rows: [string, Child][] = [
    ["Id", h("code", {}, item.id)],
    ["Creator", item.creator],
    ["Created", item.created_at ? dateTime(item.created_at) : null],
    ["Duration", item.duration ? duration(item.duration) : null],
    ["Price", item.price ? count(item.price) : null],
    ["Regions", item.regions?.join(", ")],
    ["Tags", item.tags && item.tags.length > 0 ? chips(item.tags.slice(0, 24)) : null],
    ...Object.entries(item.attributes ?? {}).map(([name, value]): [string, Child] => [
      humanise(name),
      typeof value === "string" ? value : JSON.stringify(value),
    ]),
  ];
  return h(
    "section",
    { class: "card item-card", "aria-labelledby": "item-name" },
    h(
      "header",
      { class: "item-head" },
      tile(item),
      h("div", {}, h("h2", { id: "item-name" }, item.title || item.id), item.available === false && h("span", { class: "stage bad" }, "unavailable")),
    ),
    item.categories && item.categories.length > 0 ? chips(item.categories, (name) => href("trending", "", { category: name })) : null,
    item.description ? h("p", { class: "description" }, item.description) : null,
    h(
      "dl",
      { class: "facts" },
      rows.map(([name, value]) => (value ? [h("dt", {}, name), h("dd", {}, value)] : null)),
    ),
    sending(context, item),
  );
}

function chips(names: readonly string[], link?: (name: string) => string): HTMLElement {
  return h(
    "ul",
    { class: "chips" },
    names.map((name) => h("li", {}, link ? h("a", { class: "chip", href: link(name) }, name) : h("span", { class: "chip" }, name))),
  );
}

// Acts as the user looked up last, so that one can watch a like arrive in their recommendations.
function sending(context: Context, item: Item): HTMLElement {
  const user = context.recent.list()[0];
  if (user === undefined) {
    return h("p", { class: "quiet sending" }, "Look up a user first, and you can act on this item in their name.");
  }
  const status = h("span", { class: "quiet", role: "status" });
  const send = async (action: string) => {
    const started = performance.now();
    try {
      await context.client.post<EventsAnswer>("/api/v1/events", { user_id: user, item_id: item.id, action });
      replace(status, `${describe(action).text}, stored in ${milliseconds(performance.now() - started)}. `, h("a", { href: href("user", user) }, "See what changes"));
    } catch (error) {
      replace(status, h("span", { class: "bad" }, error instanceof Error ? error.message : String(error)));
    }
  };
  return h(
    "div",
    { class: "sending" },
    h("span", { class: "quiet" }, "As user ", h("a", { href: href("user", user) }, user), ":"),
    [["like", "Like"], ["finish", "Finish"], ["dislike", "Dislike"]].map(([action, label]) =>
      h("button", { type: "button", class: "button small", on: { click: () => void send(action ?? "") } }, label),
    ),
    status,
  );
}

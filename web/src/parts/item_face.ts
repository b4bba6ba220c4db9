// An item in a line: a tile in the colour of its first category, its title, and what it is about.

import type { Item } from "../api/types";
import { h } from "../dom";
import { href } from "../router";

// The same category has the same colour everywhere.
function hue(text: string): number {
  let hash = 7;
  for (const character of text) hash = (hash * 31 + (character.codePointAt(0) ?? 0)) % 3600;
  return hash % 360;
}

export function tile(item: Item): HTMLElement {
  const letter = item.title.match(/[\p{L}\p{N}]/u)?.[0] ?? "?";
  return h(
    "span",
    { class: "tile", "aria-hidden": "true", vars: { "--hue": `${hue(item.categories?.[0] ?? item.title)}` } },
    letter.toUpperCase(),
  );
}

export function titleLink(item: Item): HTMLAnchorElement {
  return h("a", { class: "item-title", href: href("item", item.id) }, item.title || item.id);
}

export function categories(item: Item, most = 4): string {
  const named = (item.categories ?? []).filter((name) => name !== "(no genres listed)");
  return named.slice(0, most).join(" · ");
}

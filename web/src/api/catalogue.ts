// Titles and details of items by id, fetched many at a time and remembered: a slate names its items by id only.

import type { Client } from "./client";
import type { Item, ItemPage } from "./types";

const kBatch = 50;
const kRemembered = 4000;

export class Catalogue {
  private readonly known = new Map<string, Item>();

  constructor(private readonly client: Client) {}

  // Every id gets an item; one that the catalogue does not know stands for itself.
  async items(ids: Iterable<string>, signal?: AbortSignal): Promise<Map<string, Item>> {
    const wanted = [...new Set(ids)];
    const missing = wanted.filter((id) => !this.known.has(id));
    const pages = await Promise.all(
      batches(missing).map((ids) => this.client.get<ItemPage>(`/api/v1/items?ids=${ids}`, {}, signal)),
    );
    for (const page of pages) for (const item of page.items) this.remember(item);
    return new Map(wanted.map((id) => [id, this.known.get(id) ?? { id, title: id }]));
  }

  async item(id: string, signal?: AbortSignal): Promise<Item> {
    const item = await this.client.get<Item>(`/api/v1/items/${encodeURIComponent(id)}`, {}, signal);
    this.remember(item);
    return item;
  }

  async search(query: string, signal?: AbortSignal, limit = 8): Promise<Item[]> {
    const page = await this.client.get<ItemPage>("/api/v1/items", { query, count: limit }, signal);
    for (const item of page.items) this.remember(item);
    return page.items;
  }

  private remember(item: Item): void {
    this.known.delete(item.id);
    this.known.set(item.id, item);
    if (this.known.size > kRemembered) {
      const oldest = this.known.keys().next().value;
      if (oldest !== undefined) this.known.delete(oldest);
    }
  }
}

// Lists for the address: a bare comma parts two ids, and %2C is one within an id.
export function batches(ids: readonly string[]): string[] {
  const lists: string[] = [];
  for (let i = 0; i < ids.length; i += kBatch) {
    lists.push(ids.slice(i, i + kBatch).map(encodeURIComponent).join(","));
  }
  return lists;
}

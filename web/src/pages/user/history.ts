// What a user did, newest first, a page at a time.

import type { Item, UserEvent } from "../../api/types";
import { h, replace } from "../../dom";
import { describe } from "../../explain/actions";
import { ago, dateTime } from "../../format";
import type { Context } from "../../page";
import { categories, tile, titleLink } from "../../parts/item_face";
import { aborted, empty, failure, loading } from "../../parts/states";
import type { Subject } from "./subject";

export class History {
  readonly element = h("div", {}, loading(6));
  private events: UserEvent[] = [];
  private cursor: string | null = null;
  private fresh = new Set<string>();

  constructor(
    private readonly context: Context,
    private readonly subject: Subject,
  ) {}

  // From the newest on. Events that were not there before are marked.
  async load(): Promise<void> {
    const known = new Set(this.events.map((event) => event.event_id));
    try {
      const page = await this.subject.history(null, this.context.signal);
      this.fresh = new Set(known.size > 0 ? page.events.filter((event) => !known.has(event.event_id)).map((event) => event.event_id) : []);
      this.events = page.events;
      this.cursor = page.cursor;
      await this.show();
    } catch (error) {
      if (!aborted(error)) replace(this.element, failure(error, () => void this.load()));
    }
  }

  private async more(button: HTMLButtonElement): Promise<void> {
    button.disabled = true;
    try {
      const page = await this.subject.history(this.cursor, this.context.signal);
      const first = this.events.length;
      this.events = [...this.events, ...page.events];
      this.cursor = page.cursor;
      await this.show();
      this.element.querySelectorAll<HTMLElement>(".event")[first]?.querySelector("a")?.focus();
    } catch (error) {
      if (!aborted(error)) button.replaceWith(failure(error, () => void this.load()));
    }
  }

  private async show(): Promise<void> {
    const { catalogue, signal } = this.context;
    if (this.events.length === 0) {
      replace(
        this.element,
        this.subject.known
          ? empty("No events.", "Nobody of this name did anything yet. What they get is what anyone new gets.")
          : empty("No events yet.", "Like something on the list, and watch it change."),
      );
      return;
    }
    const details = await catalogue.items(this.events.map((event) => event.item_id), signal);
    const now = Date.now();
    replace(
      this.element,
      h(
        "ol",
        { class: "history" },
        this.events.map((event) => this.row(event, details.get(event.item_id) ?? { id: event.item_id, title: event.item_id }, now)),
      ),
      this.cursor !== null && this.moreButton(),
    );
  }

  private moreButton(): HTMLElement {
    const button = h("button", { type: "button", class: "button wide" }, "Older events");
    button.addEventListener("click", () => void this.more(button));
    return button;
  }

  private row(event: UserEvent, item: Item, now: number): HTMLElement {
    const { text, signal } = describe(event.action, event.value);
    return h(
      "li",
      { class: `event ${this.fresh.has(event.event_id) ? "fresh" : ""}` },
      tile(item),
      h("div", { class: "event-main" }, titleLink(item), h("span", { class: "quiet" }, categories(item, 3))),
      h(
        "div",
        { class: "event-what" },
        h("span", { class: `action ${signal}` }, text),
        h("time", { class: "quiet", datetime: new Date(event.timestamp).toISOString(), title: dateTime(event.timestamp) }, ago(event.timestamp, now)),
      ),
    );
  }
}

// What a user gets and why, with buttons that act in the user's name: the event is sent, and the list is asked for
// again until it answers to it, so that one sees what changed and how soon.

import type { Item, Recommendations as Answer, SlateItem } from "../../api/types";
import { h, replace, setText } from "../../dom";
import { describe } from "../../explain/actions";
import { changedPlaces, changes, type Change } from "../../explain/changes";
import { level, removal, source } from "../../explain/sources";
import { count, milliseconds, plural } from "../../format";
import { icon } from "../../icons";
import type { Context } from "../../page";
import { flip } from "../../parts/flip";
import { segments } from "../../parts/segments";
import { slate, type SlateAction } from "../../parts/slate";
import { aborted, empty, failure, loading } from "../../parts/states";
import type { Subject } from "./subject";

const kPerPage = 12;
const kMost = 100; // rows asked for at once after an action
const kAsks = 30; // counted, as a busy machine may stand still for longer than any deadline
const kAgainMs = 80;

const actions: readonly SlateAction[] = [
  { action: "like", label: "Like", icon: "like", key: "l" },
  { action: "finish", label: "Mark as finished", icon: "finish", key: "f" },
  { action: "dislike", label: "Dislike", icon: "dislike", key: "d" },
  { action: "hide", label: "Hide", icon: "hide", key: "x" },
];

export class Recommendations {
  readonly element: HTMLElement;
  private readonly list = h("div", { class: "slate-slot" }, loading(8));
  private readonly facts = h("p", { class: "quiet slate-facts" });
  private readonly news = h("p", { class: "news", role: "status", hidden: true });
  private readonly views: HTMLElement;
  private view: "reasons" | "sources" = "reasons";
  private answer: Answer | null = null;
  private items: SlateItem[] = [];
  private pages = 0;
  private details: ReadonlyMap<string, Item> = new Map();
  private changed: ReadonlyMap<string, Change> | undefined;
  private busy = false;

  constructor(
    private readonly context: Context,
    private readonly subject: Subject,
    private readonly acted: () => void,
  ) {
    this.views = segments("Show", [
      { name: "Reasons", choose: () => this.look("reasons") },
      { name: "Sources", choose: () => this.look("sources") },
    ]);
    this.element = h("div", {}, this.news, this.list, this.facts);
  }

  get controls(): HTMLElement[] {
    const refresh = h(
      "button",
      { type: "button", class: "icon-button", "aria-label": "Refresh", title: "Refresh", on: { click: () => void this.load() } },
      icon("refresh"),
    );
    return [this.views, refresh];
  }

  private look(view: "reasons" | "sources"): void {
    this.view = view;
    this.show();
  }

  async load(): Promise<void> {
    try {
      const before = this.items.map((item) => item.item_id);
      const answer = await this.ask(kPerPage);
      const after = answer.items.map((item) => item.item_id);
      this.changed = before.length > 0 ? changes(before, after) : undefined;
      await this.take(answer);
    } catch (error) {
      if (!aborted(error)) replace(this.list, failure(error, () => void this.load()));
    }
  }

  private ask(amount: number, cursor?: string): Promise<Answer> {
    const { client, signal } = this.context;
    return client.get<Answer>("/api/v1/recommendations", { ...this.subject.query, count: amount, cursor }, signal);
  }

  private async take(answer: Answer): Promise<void> {
    const details = await this.context.catalogue.items(
      answer.items.flatMap((item) => (item.because ? [item.item_id, item.because] : [item.item_id])),
      this.context.signal,
    );
    this.answer = answer;
    this.items = answer.items;
    this.pages = 1;
    this.details = details;
    flip(this.list, () => this.show());
  }

  private async nextPage(button: HTMLButtonElement): Promise<void> {
    if (!this.answer?.cursor) return;
    button.disabled = true;
    try {
      const page = await this.ask(kPerPage, this.answer.cursor);
      const more = await this.context.catalogue.items(page.items.map((item) => item.item_id), this.context.signal);
      const first = this.items.length;
      this.items = [...this.items, ...page.items];
      this.answer = { ...this.answer, cursor: page.cursor, took_ms: page.took_ms };
      this.details = new Map([...this.details, ...more]);
      this.changed = undefined;
      this.pages += 1;
      this.show();
      this.list.querySelectorAll<HTMLElement>(".slate-row")[first]?.focus();
      this.context.announce(`Page ${this.pages}: ${plural(page.items.length, "more item")}`);
    } catch (error) {
      if (!aborted(error)) button.replaceWith(failure(error, () => void this.load()));
    }
  }

  // Sends the event and asks again until the list answers to it.
  private async act(item: SlateItem, action: SlateAction): Promise<void> {
    if (this.busy || !this.answer) return;
    this.busy = true;
    this.list.setAttribute("aria-busy", "true");
    const title = this.details.get(item.item_id)?.title ?? item.item_id;
    const before = this.items.map((shown) => shown.item_id);
    try {
      const answered = await this.subject.send({
        item_id: item.item_id,
        action: action.action,
        recommendation_id: this.answer.recommendation_id,
      });
      const error = answered.results[0]?.error;
      if (error) throw new Error(error.message);
      const stored = performance.now();
      const amount = Math.min(kMost, before.length);
      let answer = await this.ask(amount);
      let after = answer.items.map((shown) => shown.item_id);
      for (let asks = 1; asks < kAsks && changedPlaces(before, after) === 0; ++asks) {
        await new Promise((resolve) => setTimeout(resolve, kAgainMs));
        answer = await this.ask(amount);
        after = answer.items.map((shown) => shown.item_id);
      }
      const waited = performance.now() - stored;
      const moved = changedPlaces(before, after);
      this.changed = changes(before, after);
      await this.take(answer);
      const did = `${describe(action.action).text} ${title}.`;
      this.tell(
        moved > 0
          ? `${did} ${count(moved)} of ${plural(after.length, "place")} changed ${milliseconds(waited)} after it was stored.`
          : `${did} The list stays as it was.`,
      );
      this.acted();
    } catch (error) {
      if (!aborted(error)) this.tell(error instanceof Error ? error.message : String(error), true);
    } finally {
      this.busy = false;
      this.list.removeAttribute("aria-busy");
    }
  }

  private tell(text: string, bad = false): void {
    this.news.hidden = false;
    this.news.classList.toggle("bad", bad);
    setText(this.news, text);
  }

  private show(): void {
    const answer = this.answer;
    if (!answer) return;
    const focused = document.activeElement?.closest<HTMLElement>(".slate-row");
    const place = focused && this.list.contains(focused) ? [...(focused.parentElement?.children ?? [])].indexOf(focused) : -1;
    if (this.items.length === 0) {
      replace(this.list, empty("Nothing to recommend.", "The catalogue holds nothing that this user may see and has not seen."));
    } else {
      replace(
        this.list,
        slate({
          label: "Recommendations",
          items: this.items,
          details: this.details,
          view: this.view,
          changes: this.changed,
          actions,
          act: (item, action) => void this.act(item, action),
        }),
        answer.cursor !== null && this.nextButton(),
      );
    }
    // Whoever acted by keyboard goes on from the same place.
    if (place >= 0) {
      const row = this.list.querySelectorAll<HTMLElement>(".slate-row")[place];
      row?.focus({ preventScroll: true });
    }
    replace(this.facts, this.describe(answer));
  }

  private nextButton(): HTMLElement {
    const button = h("button", { type: "button", class: "button wide next-page" }, "Next page");
    button.addEventListener("click", () => void this.nextPage(button));
    return button;
  }

  private describe(answer: Answer): string {
    const dropped = Object.entries(answer.dropped)
      .filter(([, amount]) => amount > 0)
      .map(([filter, amount]) => `${count(amount)} ${removal(filter)}`);
    return [
      `Answered in ${milliseconds(answer.took_ms)} from ${count(answer.candidates)} candidates`,
      answer.level === "full" ? "nothing missing" : `${level(answer.level).name.toLowerCase()}: ${level(answer.level).about}`,
      answer.missing.length > 0 ? `without ${answer.missing.map((id) => source(id).name).join(", ")}` : "",
      dropped.length > 0 ? `left out: ${dropped.join(", ")}` : "",
      answer.model_version ? `model ${answer.model_version}` : "no model",
    ]
      .filter((part) => part !== "")
      .join(" · ");
  }
}

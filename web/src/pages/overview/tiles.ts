// The four numbers one looks at first: requests, latency, events, and whether the answers are whole.

import type { Stats } from "../../api/types";
import { Sparkline } from "../../charts/sparkline";
import { h, setText } from "../../dom";
import { level, levelOrder } from "../../explain/sources";
import { compact, count, milliseconds, percent, perSecond, plural } from "../../format";
import { CounterWindow } from "../../live/counter_window";

const kWindowMs = 60_000;
const kLagThatMatters = 1000; // events: a second or so of a busy log

class Tile {
  readonly element: HTMLElement;
  private readonly value = h("p", { class: "tile-value" });
  private readonly note = h("p", { class: "tile-note" });

  constructor(title: string, spark?: Sparkline) {
    this.element = h("section", { class: "card stat" }, h("h2", {}, title), this.value, this.note, spark?.element);
  }

  show(value: string, note: string, mood: "calm" | "good" | "warn" | "bad" = "calm"): void {
    setText(this.value, value);
    setText(this.note, note);
    this.element.dataset["mood"] = mood;
  }
}

export class Tiles {
  readonly element: HTMLElement;
  private readonly requestsSpark = new Sparkline("tone-a");
  private readonly eventsSpark = new Sparkline("tone-b");
  private readonly latencySpark = new Sparkline("tone-c");
  private readonly requests = new Tile("Requests per second", this.requestsSpark);
  private readonly latency = new Tile("Latency p50, last minute", this.latencySpark);
  private readonly events = new Tile("Events per second", this.eventsSpark);
  private readonly health = new Tile("Answers, last minute");
  private readonly answers = new CounterWindow(kWindowMs);

  constructor() {
    this.element = h(
      "div",
      { class: "stats" },
      this.requests.element,
      this.latency.element,
      this.events.element,
      this.health.element,
    );
  }

  update({ now, requests, events, series }: Stats): void {
    const failed = requests.total > 0 ? requests.errors / requests.total : 0;
    this.requests.show(
      perSecond(requests.per_second),
      `${compact(requests.total)} in total, ${requests.errors === 0 ? "no error" : `${percent(failed)} errors`}`,
      failed > 0.01 ? "warn" : "calm",
    );
    this.requestsSpark.update(series.requests);

    const { p50, p90, p99 } = requests.latency_ms;
    this.latency.show(
      milliseconds(p50),
      p50 === null ? "no request in the last minute" : `p90 ${milliseconds(p90)} · p99 ${milliseconds(p99)}`,
    );
    this.latencySpark.update(series.p99_ms);

    this.events.show(
      perSecond(events.per_second),
      events.lag === 0 ? "the features are up to date" : `${plural(events.lag, "event")} behind`,
      events.lag > kLagThatMatters ? "warn" : "calm",
    );
    this.eventsSpark.update(series.events);

    this.answers.add(now, requests.levels);
    // Before this page has seen two states, the totals stand in for the minute, if it had requests.
    const grown = this.answers.grown();
    const lately = Object.keys(grown).length > 0 || requests.latency_ms.p50 === null ? grown : requests.levels;
    const worst = [...levelOrder].reverse().find((id) => lately[id]) ?? null;
    if (worst === null) {
      this.health.show("Idle", deadLetterNote(events.dead_letters), events.dead_letters > 0 ? "warn" : "calm");
    } else if (worst === "full") {
      this.health.show("Full", deadLetterNote(events.dead_letters), events.dead_letters > 0 ? "warn" : "good");
    } else {
      const total = Object.values(lately).reduce((sum, amount) => sum + amount, 0);
      const simpler = 1 - (lately["full"] ?? 0) / total;
      this.health.show(level(worst).name, `${percent(simpler)} simpler: ${level(worst).about}`, "warn");
    }
  }
}

function deadLetterNote(amount: number): string {
  return amount === 0 ? "nothing left out, no dead letter" : `${count(amount)} dead ${amount === 1 ? "letter" : "letters"}`;
}

// The state of the whole engine at a glance, from one /api/v1/stats answer a second.

import type { Stats } from "../../api/types";
import { LineChart } from "../../charts/line_chart";
import { latest } from "../../charts/scale";
import { ShareBar } from "../../charts/share_bar";
import { h, replace, setText } from "../../dom";
import { inOrder, level, levelOrder, source } from "../../explain/sources";
import { compact, count, duration, milliseconds, perSecond, plural } from "../../format";
import { CounterWindow } from "../../live/counter_window";
import type { Context, PageView } from "../../page";
import { card } from "../../parts/card";
import { failure, loading } from "../../parts/states";
import { deadLetters } from "./dead_letters";
import { modelCard } from "./model_card";
import { Tiles } from "./tiles";
import { versionsTable } from "./versions_table";

const kWindowMs = 60_000;

export function overviewPage(context: Context): PageView {
  const { feed, signal } = context;
  const element = h("div", { class: "page" }, h("h1", { class: "visually-hidden" }, "Overview"), loading(8));
  let board: Board | null = null;
  const stopStats = feed.onStats((stats) => {
    if (!board) {
      board = new Board(context);
      replace(element, h("h1", { class: "visually-hidden" }, "Overview"), board.element);
    }
    board.update(stats);
  });
  const stopConnection = feed.onConnection((connection) => {
    if (board || connection.state === "online" || connection.state === "connecting") return;
    const message = connection.state === "refused" ? connection.message : "The server does not answer yet.";
    replace(element, failure(new Error(message), () => feed.retryNow()));
  });
  signal.addEventListener("abort", () => {
    stopStats();
    stopConnection();
  });
  return { title: "Overview", element, refresh: () => feed.retryNow() };
}

class Board {
  readonly element: HTMLElement;
  private readonly tiles = new Tiles();
  private readonly latency = new LineChart({
    label: "Latency of recommendations over the last two minutes",
    format: milliseconds,
    unit: "ms",
    floor: 1,
  });
  private readonly traffic = new LineChart({
    label: "Requests and events per second over the last two minutes",
    format: compact,
    unit: "/s",
    floor: 4,
    filled: true,
  });
  private readonly mix = new ShareBar({ label: "Source mix", empty: "No recommendation was asked for yet." });
  private readonly levels = new ShareBar({ label: "Levels of answers", empty: "No answer was given yet." });
  private readonly mixSpan = h("span", { class: "quiet" });
  private readonly levelSpan = h("span", { class: "quiet" });
  private readonly sources = new CounterWindow(kWindowMs);
  private readonly answers = new CounterWindow(kWindowMs);
  private readonly model = h("div", { class: "model-slot" });
  private readonly versions = h("div", { class: "versions-slot" });
  private readonly letters = h("div", { class: "letters-slot" });
  private readonly totals = h("dl", { class: "facts totals" });
  private readonly foot = h("p", { class: "quiet foot" });
  private shownModels = "";
  private shownLetters = 0;

  constructor(private readonly context: Context) {
    this.element = h(
      "div",
      { class: "board" },
      this.tiles.element,
      card("Latency", { class: "span-2", about: "Recommendation requests, each second" }, this.latency.element),
      card("Source mix", { aside: this.mixSpan }, this.mix.element),
      card("Traffic", { class: "span-2", about: "Per second" }, this.traffic.element),
      card("Answers", { aside: this.levelSpan }, this.levels.element, this.totals),
      this.model,
      this.versions,
      this.letters,
      this.foot,
    );
  }

  update(stats: Stats): void {
    const { series } = stats;
    this.tiles.update(stats);
    this.latency.update(
      [
        { name: "p50", tone: "tone-a", values: series.p50_ms },
        { name: "p99", tone: "tone-c", values: series.p99_ms },
      ],
      series.step_s,
    );
    this.traffic.update(
      [
        { name: "requests", tone: "tone-a", values: series.requests },
        { name: "events", tone: "tone-b", values: series.events },
      ],
      series.step_s,
    );
    this.latency.describe(
      `Latency over the last two minutes; lately p50 ${milliseconds(latest(series.p50_ms))}, p99 ${milliseconds(latest(series.p99_ms))}`,
    );
    this.traffic.describe(
      `Traffic over the last two minutes; now ${perSecond(stats.requests.per_second)} requests and ${perSecond(stats.events.per_second)} events per second`,
    );
    this.updateShares(stats);
    this.updateModels(stats);
    if (this.shownLetters !== stats.events.dead_letters) {
      this.shownLetters = stats.events.dead_letters;
      replace(this.letters, this.shownLetters > 0 ? deadLetters(this.context, this.shownLetters) : null);
    }
    this.updateTotals(stats);
    setText(
      this.foot,
      `Winnow ${stats.version} · up ${duration(stats.uptime_s)} · ${plural(stats.store.items, "item")} · ` +
        `${plural(stats.store.users, "user")} · ${plural(stats.store.events, "event")}`,
    );
  }

  // The last minute, as far as this page has seen it, where it had traffic; else all since the server started.
  private updateShares(stats: Stats): void {
    this.sources.add(stats.now, stats.sources);
    this.answers.add(stats.now, stats.requests.levels);
    const mix = lately(this.sources, stats.sources);
    setText(this.mixSpan, mix.span);
    this.mix.update(inOrder(Object.keys(mix.counters)).map((id) => ({ ...source(id), amount: mix.counters[id] ?? 0 })));
    const given = lately(this.answers, stats.requests.levels);
    setText(this.levelSpan, given.span);
    const order = [...levelOrder, ...Object.keys(given.counters).filter((id) => !levelOrder.includes(id))];
    this.levels.update(
      order.filter((id) => given.counters[id]).map((id) => ({ ...level(id), amount: given.counters[id] ?? 0 })),
    );
  }

  private updateTotals({ requests, events }: Stats): void {
    const rows: [string, number][] = [
      ["Requests", requests.total],
      ["Errors", requests.errors],
      ["Events stored", events.accepted],
      ["Duplicates", events.duplicates],
      ["Rejected", events.rejected],
    ];
    replace(
      this.totals,
      rows.map(([name, amount]) => [h("dt", {}, name), h("dd", { class: "number" }, count(amount))]),
    );
  }

  private updateModels(stats: Stats): void {
    const state = JSON.stringify([stats.model, stats.models]);
    if (state === this.shownModels) return;
    this.shownModels = state;
    replace(this.model, modelCard(stats.model, stats.now));
    replace(this.versions, versionsTable(stats.models, stats.model?.version ?? null, stats.now));
  }
}

function lately(window: CounterWindow, total: Readonly<Record<string, number>>) {
  const grown = window.grown();
  if (Object.keys(grown).length > 0) {
    const seconds = Math.round(window.coveredMs() / 1000);
    return { counters: grown, span: seconds >= 55 ? "last minute" : `last ${seconds} s` };
  }
  return { counters: total, span: "since the start" };
}

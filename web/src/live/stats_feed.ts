// Polls /api/v1/stats and tells everyone who listens: the numbers, and whether the server is there.
//
// Each second while the overview shows, every few seconds elsewhere, never while the tab is hidden. When the server
// is gone it keeps trying, ever more slowly up to kMaxBackoffMs; the first success says "online" again.

import { ApiError, type Client } from "../api/client";
import type { Stats } from "../api/types";

export type Connection =
  | { state: "connecting" }
  | { state: "online" }
  | { state: "offline"; retryAtMs: number }
  | { state: "refused"; code: string; message: string };

const kMaxBackoffMs = 8000;

export function backoffMs(failures: number): number {
  return Math.min(kMaxBackoffMs, 1000 * 2 ** Math.max(0, failures - 1));
}

export class StatsFeed {
  latest: Stats | null = null;
  connection: Connection = { state: "connecting" };
  private readonly listeners = new Set<(stats: Stats) => void>();
  private readonly watchers = new Set<(connection: Connection, before: Connection) => void>();
  private timer: ReturnType<typeof setTimeout> | undefined;
  private failures = 0;
  private polling = false;
  private intervalMs = 5000;

  constructor(private readonly client: Client) {
    document.addEventListener("visibilitychange", () => {
      if (!document.hidden) this.pollSoon(0);
    });
  }

  start(): void {
    this.pollSoon(0);
  }

  // Also polls at once, so that a page that opens shows something new.
  every(intervalMs: number): void {
    this.intervalMs = intervalMs;
    if (this.connection.state === "online") this.pollSoon(0);
  }

  retryNow(): void {
    this.pollSoon(0);
  }

  // The latest numbers are given at once when there are any. Returns the way to stop.
  onStats(listener: (stats: Stats) => void): () => void {
    this.listeners.add(listener);
    if (this.latest) listener(this.latest);
    return () => this.listeners.delete(listener);
  }

  onConnection(watcher: (connection: Connection, before: Connection) => void): () => void {
    this.watchers.add(watcher);
    return () => this.watchers.delete(watcher);
  }

  private pollSoon(delayMs: number): void {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => void this.poll(), delayMs);
  }

  private async poll(): Promise<void> {
    if (this.polling) return;
    if (document.hidden) return; // visibilitychange starts it again
    this.polling = true;
    try {
      this.latest = await this.client.get<Stats>("/api/v1/stats");
      this.failures = 0;
      this.become({ state: "online" });
      for (const listener of this.listeners) listener(this.latest);
      this.pollSoon(this.intervalMs);
    } catch (error) {
      this.failures += 1;
      const waitMs = backoffMs(this.failures);
      if (error instanceof ApiError && !error.unreachable && error.status < 500) {
        this.become({ state: "refused", code: error.code, message: error.message });
      } else {
        this.become({ state: "offline", retryAtMs: Date.now() + waitMs });
      }
      this.pollSoon(waitMs);
    } finally {
      this.polling = false;
    }
  }

  private become(connection: Connection): void {
    const before = this.connection;
    this.connection = connection;
    for (const watcher of this.watchers) watcher(connection, before);
  }
}

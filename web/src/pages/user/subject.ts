// Whom a page is about: a user with an id, or a visitor whom nobody knows yet. A visitor is a session that lives
// as long as the browser's tab; the API keeps no list of a session's events, so the tab remembers those it sent.

import type { Client } from "../../api/client";
import type { EventPage, EventsAnswer, UserEvent } from "../../api/types";

export interface HistoryPage {
  events: UserEvent[];
  cursor: string | null;
}

export interface Subject {
  readonly id: string;
  readonly known: boolean;
  readonly query: Readonly<Record<string, string>>; // names the subject in a request
  history(cursor: string | null, signal: AbortSignal): Promise<HistoryPage>;
  send(event: { item_id: string; action: string; recommendation_id: string }): Promise<EventsAnswer>;
}

const kPerPage = 30;

export class KnownUser implements Subject {
  readonly known = true;
  readonly query: Readonly<Record<string, string>>;

  constructor(
    private readonly client: Client,
    readonly id: string,
  ) {
    this.query = { user_id: id };
  }

  history(cursor: string | null, signal: AbortSignal): Promise<HistoryPage> {
    const path = `/api/v1/users/${encodeURIComponent(this.id)}/events`;
    return this.client.get<EventPage>(path, { count: kPerPage, cursor: cursor ?? undefined }, signal);
  }

  send(event: { item_id: string; action: string; recommendation_id: string }): Promise<EventsAnswer> {
    return this.client.post<EventsAnswer>("/api/v1/events", { ...event, ...this.query });
  }
}

const kSessionKey = "winnow.visitor";

interface Visit {
  id: string;
  events: UserEvent[];
}

export class Visitor implements Subject {
  readonly known = false;
  readonly query: Readonly<Record<string, string>>;
  private readonly visit: Visit;

  constructor(
    private readonly client: Client,
    private readonly storage: Storage,
  ) {
    this.visit = read(storage) ?? { id: `visitor-${crypto.getRandomValues(new Uint32Array(1))[0]?.toString(36)}`, events: [] };
    this.query = { session_id: this.visit.id };
  }

  get id(): string {
    return this.visit.id;
  }

  history(): Promise<HistoryPage> {
    return Promise.resolve({ events: [...this.visit.events].reverse(), cursor: null });
  }

  async send(event: { item_id: string; action: string; recommendation_id: string }): Promise<EventsAnswer> {
    const answer = await this.client.post<EventsAnswer>("/api/v1/events", { ...event, ...this.query });
    const event_id = answer.results[0]?.event_id ?? `${Date.now()}`;
    this.visit.events.push({ ...event, event_id, timestamp: Date.now() });
    this.storage.setItem(kSessionKey, JSON.stringify(this.visit));
    return answer;
  }

  // Somebody else, whom nobody knows either.
  static forget(storage: Storage): void {
    storage.removeItem(kSessionKey);
  }
}

function read(storage: Storage): Visit | null {
  try {
    const visit = JSON.parse(storage.getItem(kSessionKey) ?? "null") as Visit | null;
    return visit && typeof visit.id === "string" && Array.isArray(visit.events) ? visit : null;
  } catch {
    return null;
  }
}

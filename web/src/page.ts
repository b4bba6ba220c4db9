// What a page is, and what it is given.

import type { Catalogue } from "./api/catalogue";
import type { Client } from "./api/client";
import type { RecentUsers } from "./live/recent_users";
import type { StatsFeed } from "./live/stats_feed";

export interface Context {
  client: Client;
  catalogue: Catalogue;
  feed: StatsFeed;
  recent: RecentUsers;
  signal: AbortSignal; // aborted when the page is left
  announce: (text: string) => void; // to screen readers
}

export interface PageView {
  title: string;
  element: HTMLElement;
  search?: HTMLInputElement; // what "/" focuses
  refresh?: () => void; // called when the server is back
}

// Starts the dashboard: everything that lives as long as the page does is made here and handed on.

import { Catalogue } from "./api/catalogue";
import { Client } from "./api/client";
import { RecentUsers } from "./live/recent_users";
import { StatsFeed } from "./live/stats_feed";
import { SessionKeys } from "./parts/dialogs";
import { Shell } from "./shell";
import "./style/index.css";
import { Theme } from "./theme";

const theme = new Theme(window.localStorage);
const keys = new SessionKeys(window.sessionStorage);
const client = new Client(keys);
const feed = new StatsFeed(client);

const shell = new Shell({
  theme,
  keys,
  feed,
  client,
  catalogue: new Catalogue(client),
  recent: new RecentUsers(window.localStorage),
});
document.body.prepend(...shell.elements);
shell.start();
feed.start();

// The frame around every page: navigation, the state of the connection, the theme, the keys; and the change from
// one page to the next.

import type { Catalogue } from "./api/catalogue";
import type { Client } from "./api/client";
import { h, replace, setText } from "./dom";
import { icon, type IconName, logo } from "./icons";
import { listen } from "./keyboard";
import { ConnectionBanner } from "./connection_banner";
import type { RecentUsers } from "./live/recent_users";
import type { StatsFeed } from "./live/stats_feed";
import type { Context, PageView } from "./page";
import { itemPage } from "./pages/item_page";
import { overviewPage } from "./pages/overview/overview_page";
import { trendingPage } from "./pages/trending_page";
import { userPage } from "./pages/user/user_page";
import { openHelp, type SessionKeys } from "./parts/dialogs";
import { failure } from "./parts/states";
import { href, type PageName, parse, type Route } from "./router";
import type { Theme } from "./theme";

interface Parts {
  theme: Theme;
  keys: SessionKeys;
  feed: StatsFeed;
  client: Client;
  catalogue: Catalogue;
  recent: RecentUsers;
}

const pages: Record<PageName, (context: Context, route: Route) => PageView> = {
  overview: overviewPage,
  user: userPage,
  visitor: userPage,
  item: itemPage,
  trending: trendingPage,
};

const navigation: readonly { page: PageName; name: string; icon: IconName; keys: string }[] = [
  { page: "overview", name: "Overview", icon: "overview", keys: "g o" },
  { page: "user", name: "Users", icon: "user", keys: "g u" },
  { page: "item", name: "Items", icon: "item", keys: "g i" },
  { page: "trending", name: "Trending", icon: "trending", keys: "g t" },
];

const kOverviewPollMs = 1000;
const kElsewherePollMs = 5000;

export class Shell {
  readonly elements: HTMLElement[];
  private readonly main = h("main", { id: "main", tabindex: -1 });
  private readonly announcer = h("div", { class: "visually-hidden", "aria-live": "polite" });
  private readonly links = new Map<PageName, HTMLAnchorElement>();
  private readonly themeButton = h("button", { type: "button", class: "icon-button", on: { click: () => this.cycleTheme() } });
  private view: PageView | null = null;
  private leaving = new AbortController();
  private shown = false;
  private searching = false;

  constructor(private readonly parts: Parts) {
    const { feed, keys } = parts;
    const banner = new ConnectionBanner(feed, {
      enterKey: () => {
        keys.reconsider();
        feed.retryNow();
      },
      isBack: () => this.view?.refresh?.(),
    });
    for (const { page, name, icon: drawing, keys: shortcut } of navigation) {
      const link = h("a", { href: href(page), title: `${name} (${shortcut})` }, icon(drawing), h("span", {}, name));
      this.links.set(page, link);
    }
    this.showTheme();
    const skip = h(
      "a",
      {
        class: "skip",
        href: "#main",
        on: {
          click: (event) => {
            event.preventDefault(); // '#' belongs to the router
            this.main.focus();
          },
        },
      },
      "Skip to the content",
    );
    this.elements = [
      skip,
      h(
        "header",
        { class: "bar" },
        h("a", { class: "brand", href: href("overview"), "aria-label": "Winnow, overview" }, logo(), h("span", {}, "Winnow")),
        h("nav", { "aria-label": "Pages" }, [...this.links.values()]),
        h(
          "div",
          { class: "bar-end" },
          banner.badge,
          this.themeButton,
          h(
            "button",
            { type: "button", class: "icon-button", "aria-label": "Keyboard help", title: "Keyboard help (?)", on: { click: openHelp } },
            icon("help"),
          ),
        ),
      ),
      banner.element,
      this.main,
      this.announcer,
    ];
  }

  start(): void {
    window.addEventListener("hashchange", () => this.navigate());
    const go = (page: PageName) => () => void (window.location.hash = href(page));
    listen(
      new Map([
        ...navigation.map(({ page, keys }): [string, () => void] => [keys, go(page)]),
        ["/", () => this.search()],
        ["?", openHelp],
        ["t", () => this.cycleTheme()],
        ["j", () => this.main.querySelector<HTMLElement>(".slate-row")?.focus()],
      ]),
    );
    this.navigate();
  }

  private navigate(): void {
    const route = parse(window.location.hash);
    this.leaving.abort();
    this.leaving = new AbortController();
    const context: Context = { ...this.parts, signal: this.leaving.signal, announce: (text) => this.announce(text) };
    try {
      this.view = pages[route.page](context, route);
    } catch (error) {
      this.view = { title: "Error", element: failure(error, () => this.navigate()) };
    }
    replace(this.main, this.view.element);
    document.title = `${this.view.title} · Winnow`;
    const current = route.page === "visitor" ? "user" : route.page;
    for (const [page, link] of this.links) {
      if (page === current) link.setAttribute("aria-current", "page");
      else link.removeAttribute("aria-current");
    }
    this.parts.feed.every(route.page === "overview" ? kOverviewPollMs : kElsewherePollMs);
    if (this.shown) {
      window.scrollTo(0, 0);
      this.announce(this.view.title);
      if (this.searching) this.focusSearch();
      else this.main.focus({ preventScroll: true });
    }
    this.shown = true;
  }

  // Pages without a search of their own lead to the items', which takes the focus once it is there.
  private search(): void {
    this.searching = true;
    if (this.view?.search) this.focusSearch();
    else window.location.hash = href("item");
  }

  private focusSearch(): void {
    this.searching = false;
    this.view?.search?.focus();
    this.view?.search?.select();
  }

  private cycleTheme(): void {
    this.announce(`Theme: ${this.parts.theme.cycle()}`);
    this.showTheme();
  }

  private showTheme(): void {
    const { choice } = this.parts.theme;
    replace(this.themeButton, icon(choice));
    this.themeButton.setAttribute("aria-label", `Theme: ${choice}`);
    this.themeButton.title = `Theme: ${choice} (t)`;
  }

  private announce(text: string): void {
    setText(this.announcer, text);
  }
}

// Says whether the server is there: a quiet badge in the bar, and a banner when it is not.

import { h, replace, setText } from "./dom";
import type { Connection, StatsFeed } from "./live/stats_feed";

export interface ConnectionActions {
  enterKey: () => void;
  isBack: () => void; // the server answers again
}

export class ConnectionBanner {
  readonly element = h("div", { class: "banner", role: "alert", hidden: true });
  readonly badge = h("span", { class: "badge", role: "status" });
  private readonly badgeText = h("span", {}, "Connecting");
  private readonly countdown = h("span", {});
  private timer: ReturnType<typeof setInterval> | undefined;

  constructor(
    private readonly feed: StatsFeed,
    private readonly actions: ConnectionActions,
  ) {
    this.badge.append(h("span", { class: "pulse", "aria-hidden": "true" }), this.badgeText);
    feed.onConnection((connection, before) => this.show(connection, before));
    this.showBadge(feed.connection);
  }

  private show(connection: Connection, before: Connection): void {
    this.showBadge(connection);
    clearInterval(this.timer);
    this.element.hidden = connection.state === "online" || connection.state === "connecting";
    if (connection.state === "offline") {
      // The alert is read once; only the countdown beside it changes.
      if (before.state !== "offline") {
        replace(
          this.element,
          h("strong", {}, "The server does not answer."),
          h("span", { "aria-live": "off" }, this.countdown),
          h("button", { type: "button", class: "button small", on: { click: () => this.feed.retryNow() } }, "Try now"),
        );
      }
      const tick = () => {
        const seconds = Math.max(0, Math.ceil((connection.retryAtMs - Date.now()) / 1000));
        setText(this.countdown, seconds > 0 ? `What you see is from before. Trying again in ${seconds} s.` : "Trying again …");
      };
      tick();
      this.timer = setInterval(tick, 250);
    } else if (connection.state === "refused") {
      replace(
        this.element,
        h("strong", {}, connection.code === "unauthenticated" ? "This server asks for an API key." : "The server refuses."),
        h("span", {}, connection.message),
        connection.code === "unauthenticated" &&
          h("button", { type: "button", class: "button small", on: { click: this.actions.enterKey } }, "Enter a key"),
      );
    } else if (connection.state === "online" && (before.state === "offline" || before.state === "refused")) {
      this.actions.isBack();
    }
  }

  private showBadge({ state }: Connection): void {
    this.badge.dataset["state"] = state;
    setText(this.badgeText, { connecting: "Connecting", online: "Live", offline: "Reconnecting", refused: "No access" }[state]);
  }
}

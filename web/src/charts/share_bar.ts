// One bar cut into shares, with a legend that says what each is, how many and how much.

import { h, replace } from "../dom";
import { count, percent } from "../format";

export interface Share {
  name: string;
  tone: string;
  amount: number;
}

export class ShareBar {
  readonly element: HTMLElement;
  private readonly bar = h("div", { class: "share-bar", role: "img" });
  private readonly legend = h("ul", { class: "share-legend" });

  constructor(private readonly options: { label: string; empty: string }) {
    this.element = h("div", { class: "shares" }, this.bar, this.legend);
  }

  update(shares: readonly Share[]): void {
    const total = shares.reduce((sum, share) => sum + share.amount, 0);
    if (total === 0) {
      this.bar.setAttribute("aria-label", `${this.options.label}: ${this.options.empty}`);
      replace(this.bar);
      replace(this.legend, h("li", { class: "quiet" }, this.options.empty));
      return;
    }
    const parts = shares.map((share) => ({ ...share, share: share.amount / total }));
    this.bar.setAttribute(
      "aria-label",
      `${this.options.label}: ${parts.map((part) => `${part.name} ${percent(part.share)}`).join(", ")}`,
    );
    replace(
      this.bar,
      parts.map((part) => h("span", { class: `share ${part.tone}`, vars: { "--share": `${part.share}` } })),
    );
    replace(
      this.legend,
      parts.map((part) =>
        h(
          "li",
          {},
          h("span", { class: `dot ${part.tone}` }),
          h("span", { class: "share-name" }, part.name),
          h("span", { class: "number quiet" }, count(part.amount)),
          h("span", { class: "number" }, percent(part.share)),
        ),
      ),
    );
  }
}

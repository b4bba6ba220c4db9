// A titled panel.

import { type Child, h } from "../dom";

let serial = 0;

export function card(title: string, options: { class?: string; aside?: Child; about?: string }, ...children: Child[]) {
  const id = `card-${(serial += 1)}`;
  return h(
    "section",
    { class: `card ${options.class ?? ""}`, "aria-labelledby": id },
    h(
      "header",
      { class: "card-head" },
      h("h2", { id }, title),
      options.about ? h("p", { class: "quiet" }, options.about) : null,
      options.aside ? h("div", { class: "card-aside" }, options.aside) : null,
    ),
    children,
  );
}

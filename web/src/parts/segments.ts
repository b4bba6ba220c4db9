// A choice of one among few, side by side. The first is chosen to begin with.

import { h } from "../dom";

export interface Segment {
  name: string;
  choose: () => void;
}

let serial = 0;

export function segments(label: string, choices: readonly Segment[]): HTMLElement {
  const group = `segments-${(serial += 1)}`;
  return h(
    "div",
    { class: "segments", role: "radiogroup", "aria-label": label },
    choices.map(({ name, choose }, i) =>
      h("label", {}, h("input", { type: "radio", name: group, checked: i === 0, on: { change: choose } }), h("span", {}, name)),
    ),
  );
}

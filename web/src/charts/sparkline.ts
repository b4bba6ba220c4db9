// A number's recent past in the space of a word. Decoration: it says nothing to screen readers.

import { replace, svg } from "../dom";
import { areaPath, linePath } from "./path";
import { largest, linear } from "./scale";

export class Sparkline {
  readonly element = svg("svg", { class: "sparkline", preserveAspectRatio: "none", viewBox: "0 0 100 28", "aria-hidden": "true" });

  constructor(private readonly tone: string) {}

  update(values: readonly (number | null)[]): void {
    const x = linear([0, Math.max(1, values.length - 1)], [0, 100]);
    const y = linear([0, largest(values) || 1], [27, 2]);
    replace(
      this.element,
      svg("path", { class: `area ${this.tone}`, d: areaPath(values, x, y) }),
      svg("path", { class: `line ${this.tone}`, d: linePath(values, x, y) }),
    );
  }
}

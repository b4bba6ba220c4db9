// Lines over the last seconds, with a crosshair that follows the pointer or the arrow keys.
//
// Hand-drawn SVG at the size it is shown at. A second without a value is a gap, bridged by a faint line.

import { h, replace, svg } from "../dom";
import { compact } from "../format";
import { areaPath, bridgePath, linePath } from "./path";
import { axis, largest, linear } from "./scale";

export interface Line {
  name: string;
  tone: string; // a class that sets the colour: "tone-a"
  values: readonly (number | null)[];
}

export interface LineChartOptions {
  label: string; // what the chart shows, for those who do not see it
  format: (value: number | null) => string;
  unit: string; // written once, beside the axis' largest tick
  floor: number; // the axis reaches at least this far, so that noise near zero looks like noise
  filled?: boolean;
}

const kHeight = 200;
const kMargin = { top: 10, right: 10, bottom: 22, left: 52 };

export class LineChart {
  readonly element: HTMLElement;
  private readonly frame: HTMLElement;
  private readonly plot = svg("svg", { class: "chart-plot", height: kHeight, "aria-hidden": "true" });
  private readonly tooltip = h("div", { class: "chart-tooltip", role: "status", hidden: true });
  private readonly legend = h("ul", { class: "chart-legend" });
  private lines: readonly Line[] = [];
  private stepS = 1;
  private width = 600;
  private cursor: number | null = null;

  constructor(private readonly options: LineChartOptions) {
    this.frame = h(
      "div",
      {
        class: "chart-frame",
        tabindex: 0,
        role: "img",
        "aria-label": options.label,
        on: {
          pointermove: (event) => this.point(event.clientX - this.plot.getBoundingClientRect().left),
          pointerleave: () => this.moveTo(null),
          blur: () => this.moveTo(null),
          keydown: (event) => this.key(event),
        },
      },
      this.plot,
      this.tooltip,
    );
    this.element = h("div", { class: "chart" }, this.legend, this.frame);
    new ResizeObserver(([entry]) => {
      this.width = Math.max(200, Math.floor(entry?.contentRect.width ?? this.width));
      this.draw();
    }).observe(this.frame);
  }

  update(lines: readonly Line[], stepS: number): void {
    this.lines = lines;
    this.stepS = stepS;
    this.draw();
  }

  // What the chart says now, for those who do not see it.
  describe(text: string): void {
    this.frame.setAttribute("aria-label", text);
  }

  private get length(): number {
    return Math.max(2, ...this.lines.map((line) => line.values.length));
  }

  private draw(): void {
    const { width, options } = this;
    const x = linear([0, this.length - 1], [kMargin.left, width - kMargin.right]);
    const { max, ticks } = axis(Math.max(...this.lines.map((line) => largest(line.values)), 0), options.floor);
    const y = linear([0, max], [kHeight - kMargin.bottom, kMargin.top]);

    const grid = ticks.map((tick) => [
      svg("line", { class: tick === 0 ? "axis" : "grid", x1: kMargin.left, x2: width - kMargin.right, y1: y(tick), y2: y(tick) }),
      svg("text", { class: "tick", x: kMargin.left - 8, y: y(tick), dy: "0.32em", "text-anchor": "end" }, tickText(tick, tick === max ? options.unit : "")),
    ]);
    const times = [0, 30, 60, 90]
      .filter((secondsAgo) => secondsAgo / this.stepS < this.length)
      .map((secondsAgo) =>
        svg(
          "text",
          {
            class: "tick",
            x: x(this.length - 1 - secondsAgo / this.stepS),
            y: kHeight - 6,
            "text-anchor": secondsAgo === 0 ? "end" : "middle",
          },
          secondsAgo === 0 ? "now" : `−${secondsAgo} s`,
        ),
      );
    const paths = this.lines.map((line) => [
      options.filled ? svg("path", { class: `area ${line.tone}`, d: areaPath(line.values, x, y) }) : null,
      svg("path", { class: `bridge ${line.tone}`, d: bridgePath(line.values, x, y) }),
      svg("path", { class: `line ${line.tone}`, d: linePath(line.values, x, y) }),
    ]);
    this.plot.setAttribute("width", String(width));
    this.plot.setAttribute("viewBox", `0 0 ${width} ${kHeight}`);
    replace(this.plot, grid, times, paths, this.crosshair(x, y));
    this.drawLegend();
  }

  private crosshair(x: (i: number) => number, y: (value: number) => number) {
    const at = this.cursor;
    this.tooltip.hidden = at === null;
    if (at === null) return null;
    const secondsAgo = (this.length - 1 - at) * this.stepS;
    replace(
      this.tooltip,
      h("div", { class: "chart-tooltip-time" }, secondsAgo === 0 ? "now" : `${secondsAgo} s ago`),
      this.lines.map((line) =>
        h(
          "div",
          { class: "chart-tooltip-row" },
          h("span", { class: `dot ${line.tone}` }),
          h("span", {}, line.name),
          h("span", { class: "number" }, this.options.format(line.values[at] ?? null)),
        ),
      ),
    );
    this.tooltip.classList.toggle("on-left", x(at) > this.width / 2);
    this.tooltip.style.setProperty("--x", `${x(at)}px`);
    return [
      svg("line", { class: "crosshair", x1: x(at), x2: x(at), y1: kMargin.top, y2: kHeight - kMargin.bottom }),
      this.lines.map((line) => {
        const value = line.values[at];
        return typeof value === "number" && svg("circle", { class: `point ${line.tone}`, cx: x(at), cy: y(value), r: 4 });
      }),
    ];
  }

  private drawLegend(): void {
    const names = this.lines.map((line) => line.name).join("\n");
    if (this.legend.dataset["names"] === names) return;
    this.legend.dataset["names"] = names;
    replace(
      this.legend,
      this.lines.map((line) => h("li", {}, h("span", { class: `dot ${line.tone}` }), line.name)),
    );
  }

  private point(offset: number): void {
    const share = (offset - kMargin.left) / (this.width - kMargin.left - kMargin.right);
    this.moveTo(share < -0.02 || share > 1.02 ? null : Math.round(share * (this.length - 1)));
  }

  private key(event: KeyboardEvent): void {
    const steps: Record<string, number> = { ArrowLeft: -1, ArrowRight: 1, PageUp: -10, PageDown: 10 };
    const step = steps[event.key];
    if (step !== undefined) this.moveTo((this.cursor ?? this.length - 1) + step);
    else if (event.key === "Home") this.moveTo(0);
    else if (event.key === "End") this.moveTo(this.length - 1);
    else if (event.key === "Escape") this.moveTo(null);
    else return;
    event.preventDefault();
  }

  private moveTo(index: number | null): void {
    this.cursor = index === null ? null : Math.min(this.length - 1, Math.max(0, index));
    this.draw();
  }
}

function tickText(tick: number, unit: string): string {
  return unit ? `${compact(tick)} ${unit}` : compact(tick);
}

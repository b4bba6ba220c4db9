// SVG path data for series with gaps.

import type { Scale } from "./scale";

type Values = readonly (number | null)[];

// Runs of known values, as [index, value] pairs.
export function runs(values: Values): [number, number][][] {
  const found: [number, number][][] = [];
  let run: [number, number][] = [];
  values.forEach((value, i) => {
    if (value !== null) run.push([i, value]);
    else if (run.length > 0) {
      found.push(run);
      run = [];
    }
  });
  if (run.length > 0) found.push(run);
  return found;
}

// A line through each run. A run of one becomes a line of no length, which round caps draw as a dot.
export function linePath(values: Values, x: Scale, y: Scale): string {
  return runs(values)
    .map((run) => `M${points(run, x, y).join("L")}${run.length === 1 ? "h0" : ""}`)
    .join("");
}

// The area between each run and the base line.
export function areaPath(values: Values, x: Scale, y: Scale): string {
  const base = number(y(0));
  return runs(values)
    .map((run) => {
      const [first, last] = [run[0], run.at(-1)];
      if (!first || !last) return "";
      return `M${number(x(first[0]))},${base}L${points(run, x, y).join("L")}L${number(x(last[0]))},${base}Z`;
    })
    .join("");
}

// One line through all known values, across the gaps.
export function bridgePath(values: Values, x: Scale, y: Scale): string {
  const all = runs(values).flat();
  return all.length > 1 ? `M${points(all, x, y).join("L")}` : "";
}

function points(run: [number, number][], x: Scale, y: Scale): string[] {
  return run.map(([i, value]) => `${number(x(i))},${number(y(value))}`);
}

function number(value: number): string {
  return String(Math.round(value * 10) / 10);
}

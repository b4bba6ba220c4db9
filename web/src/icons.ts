// The few drawings of the dashboard: 20 x 20, drawn with the text's colour.

import { svg } from "./dom";

const drawings = {
  like: "M10 16.5S3 12.6 3 7.9A3.7 3.7 0 0 1 6.8 4.2c1.4 0 2.6.8 3.2 2 .6-1.2 1.8-2 3.2-2A3.7 3.7 0 0 1 17 7.9c0 4.7-7 8.6-7 8.6Z",
  finish: "M4 10.5 8.2 14.7 16.2 5.8",
  dislike: "M5 5 15 15M15 5 5 15",
  hide: "M3 3 17 17M8.2 5.1A8 8 0 0 1 10 4.9c4.6 0 7 5.1 7 5.1a13 13 0 0 1-2 2.7M11.9 12A2.7 2.7 0 0 1 8 8.2M5.6 6.9A12 12 0 0 0 3 10s2.4 5.1 7 5.1a7.4 7.4 0 0 0 3.2-.7",
  search: "M8.8 14.6a5.8 5.8 0 1 0 0-11.6 5.8 5.8 0 0 0 0 11.6ZM13 13l4 4",
  system: "M3.5 4.5h13v9h-13zM7.5 16.5h5M10 13.5v3",
  light: "M10 13.2a3.2 3.2 0 1 0 0-6.4 3.2 3.2 0 0 0 0 6.4ZM10 2.5v1.8M10 15.7v1.8M2.5 10h1.8M15.7 10h1.8M4.7 4.7 6 6M14 14l1.3 1.3M4.7 15.3 6 14M14 6l1.3-1.3",
  dark: "M16 11.6A6.6 6.6 0 0 1 8.4 4a6.6 6.6 0 1 0 7.6 7.6Z",
  help: "M7.6 7.6a2.4 2.4 0 1 1 3.5 2.2c-.7.4-1.1.9-1.1 1.7v.4M10 14.4v.1",
  refresh: "M16 10a6 6 0 1 1-1.8-4.3M16 3.4v3.2h-3.2",
  overview: "M3.5 16.5v-5M8 16.5v-9M12.5 16.5V10M17 16.5V4",
  user: "M10 9.6a3 3 0 1 0 0-6 3 3 0 0 0 0 6ZM4 16.6c.4-3 2.9-4.8 6-4.8s5.6 1.8 6 4.8",
  item: "M3.5 4.5h5.5v5.5H3.5zM11 4.5h5.5v5.5H11zM3.5 12h5.5v4.5H3.5zM11 12h5.5v4.5H11z",
  trending: "M3 14l4.6-4.6 3 3L17 6M12.6 6H17v4.4",
} as const;

export type IconName = keyof typeof drawings;

export function icon(name: IconName): SVGSVGElement {
  return svg("svg", { class: "icon", viewBox: "0 0 20 20", "aria-hidden": "true" }, svg("path", { d: drawings[name] }));
}

// Candidates that grow fewer from row to row, and the one grain that is left.
export function logo(): SVGSVGElement {
  const chaff = [[7, 8.5], [16, 8.5], [25, 8.5], [11.5, 16.2], [20.5, 16.2]] as const;
  return svg(
    "svg",
    { class: "logo", viewBox: "0 0 32 32", "aria-hidden": "true" },
    chaff.map(([cx, cy]) => svg("circle", { class: "chaff", cx, cy, r: 2.6 })),
    svg("circle", { class: "grain", cx: 16, cy: 24.4, r: 3.4 }),
  );
}

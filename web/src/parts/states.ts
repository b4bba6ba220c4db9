// What a panel shows when it has nothing else to show: loading, nothing there, or what went wrong.

import { ApiError } from "../api/client";
import { type Child, h } from "../dom";

// Grey lines in the shape of what comes; announced once.
export function loading(rows: number, label = "Loading"): HTMLElement {
  return h(
    "div",
    { class: "skeleton", role: "status" },
    h("span", { class: "visually-hidden" }, label),
    Array.from({ length: rows }, (_, i) => h("div", { class: "skeleton-row", vars: { "--i": `${i}` } })),
  );
}

export function empty(title: string, ...hint: Child[]): HTMLElement {
  return h("div", { class: "empty" }, h("p", { class: "empty-title" }, title), h("p", { class: "quiet" }, hint));
}

export function failure(error: unknown, retry?: () => void): HTMLElement {
  const message = error instanceof Error ? error.message : String(error);
  const field = error instanceof ApiError && error.field ? ` (${error.field})` : "";
  return h(
    "div",
    { class: "failure", role: "alert" },
    h("p", { class: "empty-title" }, "That did not work."),
    h("p", {}, `${message}${field}`),
    retry && h("button", { type: "button", class: "button", on: { click: retry } }, "Try again"),
  );
}

// A page that was left aborts its requests; that is no error to show.
export function aborted(error: unknown): boolean {
  return error instanceof DOMException && error.name === "AbortError";
}

// The two dialogs: the keyboard's help, and the question for an API key.

import type { Keys } from "../api/client";
import { h } from "../dom";

export const shortcuts: readonly [keys: string[], does: string][] = [
  [["/"], "Search on this page"],
  [["g", "o"], "Go to the overview"],
  [["g", "u"], "Go to users"],
  [["g", "i"], "Go to items"],
  [["g", "t"], "Go to trending"],
  [["j"], "Next row of a list"],
  [["k"], "Previous row of a list"],
  [["l"], "Like the row in focus"],
  [["f"], "Mark the row in focus as finished"],
  [["d"], "Dislike the row in focus"],
  [["x"], "Hide the row in focus"],
  [["t"], "Change the theme"],
  [["?"], "This help"],
];

export function openHelp(): void {
  const dialog = h(
    "dialog",
    { class: "dialog", "aria-labelledby": "help-title" },
    h("h2", { id: "help-title" }, "Keys"),
    h(
      "dl",
      { class: "keys" },
      shortcuts.map(([keys, does]) => [h("dt", {}, keys.map((key) => h("kbd", {}, key))), h("dd", {}, does)]),
    ),
    h("button", { type: "button", class: "button", on: { click: () => dialog.close() } }, "Close"),
  );
  show(dialog);
}

const kStorageKey = "winnow.key";

// The key lives in this tab only, and is gone with it.
export class SessionKeys implements Keys {
  private declined = false;

  constructor(private readonly storage: Storage) {}

  // After a "not now" nobody is asked again until they say so themselves.
  reconsider(): void {
    this.declined = false;
  }

  current(): string | null {
    return this.storage.getItem(kStorageKey);
  }

  ask(refused: string | null): Promise<string | null> {
    if (this.declined) return Promise.resolve(null);
    return new Promise((resolve) => {
      const input = h("input", {
        type: "password",
        class: "text-input",
        id: "api-key",
        autocomplete: "off",
        required: true,
        "aria-describedby": "api-key-about",
      });
      const dialog = h(
        "dialog",
        { class: "dialog", "aria-labelledby": "key-title" },
        h("h2", { id: "key-title" }, "This server asks for an API key"),
        h(
          "p",
          { id: "api-key-about", class: refused ? "bad" : "quiet" },
          refused
            ? "The server does not know that key. Try another one."
            : "It is kept in this tab only, and sent to this server only.",
        ),
        h(
          "form",
          {
            class: "key-form",
            on: {
              submit: (event) => {
                event.preventDefault();
                this.storage.setItem(kStorageKey, input.value.trim());
                dialog.close("given");
              },
            },
          },
          h("label", { for: "api-key" }, "API key"),
          input,
          h(
            "div",
            { class: "dialog-actions" },
            h("button", { type: "button", class: "button", on: { click: () => dialog.close() } }, "Not now"),
            h("button", { class: "button primary" }, "Use this key"),
          ),
        ),
      );
      dialog.addEventListener("close", () => {
        this.declined = dialog.returnValue !== "given";
        if (this.declined) this.storage.removeItem(kStorageKey);
        resolve(this.current());
      });
      show(dialog);
      input.focus();
    });
  }
}

function show(dialog: HTMLDialogElement): void {
  dialog.addEventListener("close", () => dialog.remove());
  dialog.addEventListener("click", (event) => {
    if (event.target === dialog) dialog.close(); // the backdrop
  });
  document.body.append(dialog);
  dialog.showModal();
}

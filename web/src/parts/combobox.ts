// A search field with suggestions, after the ARIA combobox pattern: arrows choose, Enter takes, Escape closes.
// Suggestions follow the typing with a short delay, and an answer that comes too late is dropped.

import { h, replace } from "../dom";
import { icon } from "../icons";

export interface Suggestion {
  label: string;
  detail?: string;
  href: string;
}

export interface ComboboxOptions {
  label: string;
  placeholder: string;
  value?: string;
  suggest: (text: string, signal: AbortSignal) => Promise<Suggestion[]>;
  submit: (text: string) => void; // Enter without a chosen suggestion
}

const kDelayMs = 120;
let serial = 0;

export class Combobox {
  readonly element: HTMLElement;
  readonly input: HTMLInputElement;
  private readonly list: HTMLUListElement;
  private readonly id = `combobox-${(serial += 1)}`;
  private suggestions: Suggestion[] = [];
  private chosen = -1;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private asking = new AbortController();

  constructor(private readonly options: ComboboxOptions) {
    this.input = h("input", {
      type: "search",
      role: "combobox",
      class: "search-input",
      placeholder: options.placeholder,
      value: options.value ?? "",
      autocomplete: "off",
      spellcheck: "false",
      maxlength: 256,
      "aria-label": options.label,
      "aria-autocomplete": "list",
      "aria-expanded": "false",
      "aria-controls": this.id,
      "aria-keyshortcuts": "/",
      on: {
        input: () => this.askSoon(kDelayMs),
        focus: () => this.askSoon(0),
        blur: () => this.close(),
        keydown: (event) => this.key(event),
      },
    });
    this.list = h("ul", { id: this.id, role: "listbox", class: "suggestions", "aria-label": options.label, hidden: true });
    this.element = h(
      "form",
      {
        class: "search",
        role: "search",
        on: {
          submit: (event) => {
            event.preventDefault();
            const text = this.input.value.trim();
            this.close();
            if (text !== "") options.submit(text);
          },
        },
      },
      icon("search"),
      this.input,
      h("kbd", { "aria-hidden": "true" }, "/"),
      this.list,
    );
  }

  private askSoon(delayMs: number): void {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => void this.ask(), delayMs);
  }

  private async ask(): Promise<void> {
    this.asking.abort();
    const asking = (this.asking = new AbortController());
    try {
      const suggestions = await this.options.suggest(this.input.value.trim(), asking.signal);
      if (!asking.signal.aborted && document.activeElement === this.input) this.show(suggestions);
    } catch {
      // A search that fails offers nothing; pressing Enter shows the error on the page it leads to.
      if (!asking.signal.aborted) this.close();
    }
  }

  private show(suggestions: Suggestion[]): void {
    this.suggestions = suggestions;
    this.chosen = -1;
    replace(
      this.list,
      suggestions.map((suggestion, i) =>
        h(
          "li",
          {
            id: `${this.id}-${i}`,
            role: "option",
            "aria-selected": "false",
            on: {
              // Before the field loses its focus and the list closes.
              pointerdown: (event) => {
                event.preventDefault();
                this.take(suggestion);
              },
            },
          },
          h("span", { class: "suggestion-label" }, suggestion.label),
          suggestion.detail ? h("span", { class: "quiet" }, suggestion.detail) : null,
        ),
      ),
    );
    this.setOpen(suggestions.length > 0);
  }

  private key(event: KeyboardEvent): void {
    if (event.key === "Escape") {
      if (this.list.hidden) this.input.blur();
      else this.close();
    } else if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      this.choose(this.chosen + (event.key === "ArrowDown" ? 1 : -1));
    } else if (event.key === "Enter" && this.suggestions[this.chosen]) {
      this.take(this.suggestions[this.chosen] as Suggestion);
    } else {
      return;
    }
    event.preventDefault();
  }

  private choose(index: number): void {
    const length = this.suggestions.length;
    if (length === 0) return;
    this.chosen = (index + length) % length;
    [...this.list.children].forEach((option, i) => {
      option.setAttribute("aria-selected", String(i === this.chosen));
      if (i === this.chosen) option.scrollIntoView({ block: "nearest" });
    });
    this.input.setAttribute("aria-activedescendant", `${this.id}-${this.chosen}`);
  }

  private take(suggestion: Suggestion): void {
    this.close();
    this.input.value = suggestion.label;
    window.location.hash = suggestion.href;
  }

  private close(): void {
    clearTimeout(this.timer);
    this.asking.abort();
    this.suggestions = [];
    this.setOpen(false);
  }

  private setOpen(open: boolean): void {
    this.list.hidden = !open;
    this.input.setAttribute("aria-expanded", String(open));
    if (!open) this.input.removeAttribute("aria-activedescendant");
  }
}

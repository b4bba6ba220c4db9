// Keys that work anywhere on the page, single ("?") or one after another ("g u"). They stay silent while
// someone types in a field or holds a modifier. The second key of a chord may take its time, since not everyone's
// hands are quick; another key or a click ends the wait.

// The state between two keys; without a browser, so that it can be tested.
export class Chords {
  private pending = "";

  constructor(private readonly bindings: ReadonlyMap<string, () => void>) {}

  // True when the key was one of ours.
  press(key: string): boolean {
    const chord = this.pending === "" ? key : `${this.pending} ${key}`;
    this.forget();
    const action = this.bindings.get(chord) ?? this.bindings.get(key);
    if (action) {
      action();
      return true;
    }
    if ([...this.bindings.keys()].some((binding) => binding.startsWith(`${key} `))) {
      this.pending = key;
      return true;
    }
    return false;
  }

  // The key that a chord began with counts no more.
  forget(): void {
    this.pending = "";
  }
}

export function listen(bindings: ReadonlyMap<string, () => void>): void {
  const chords = new Chords(bindings);
  document.addEventListener("keydown", (event) => {
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return;
    if (isTyping(event.target) || document.querySelector("dialog[open]")) return;
    if (chords.press(event.key)) event.preventDefault();
  });
  document.addEventListener("pointerdown", () => chords.forget());
}

function isTyping(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && (target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName));
}

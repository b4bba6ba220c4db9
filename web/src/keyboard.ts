// Keys that work anywhere on the page, single ("?") or one after another ("g u"). They stay silent while
// someone types in a field or holds a modifier.

const kChordMs = 1200;

// The state between two keys; without a browser, so that it can be tested.
export class Chords {
  private pending = "";
  private since = 0;

  constructor(private readonly bindings: ReadonlyMap<string, () => void>) {}

  // True when the key was one of ours.
  press(key: string, nowMs: number): boolean {
    const chord = this.pending !== "" && nowMs - this.since <= kChordMs ? `${this.pending} ${key}` : key;
    this.pending = "";
    const action = this.bindings.get(chord) ?? this.bindings.get(key);
    if (action) {
      action();
      return true;
    }
    if ([...this.bindings.keys()].some((binding) => binding.startsWith(`${key} `))) {
      this.pending = key;
      this.since = nowMs;
      return true;
    }
    return false;
  }
}

export function listen(bindings: ReadonlyMap<string, () => void>): void {
  const chords = new Chords(bindings);
  document.addEventListener("keydown", (event) => {
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return;
    if (isTyping(event.target) || document.querySelector("dialog[open]")) return;
    if (chords.press(event.key, event.timeStamp)) event.preventDefault();
  });
}

function isTyping(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && (target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName));
}

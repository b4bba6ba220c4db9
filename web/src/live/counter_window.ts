// What was added to named, ever-growing counters within the last minute, told from snapshots of them.
//
// A counter that falls means that the server started anew; the window starts anew with it.

export type Counters = Readonly<Record<string, number>>;

export class CounterWindow {
  private snapshots: { atMs: number; counters: Counters }[] = [];

  constructor(private readonly spanMs: number) {}

  add(atMs: number, counters: Counters): void {
    const last = this.snapshots.at(-1);
    const fell = last && Object.entries(last.counters).some(([name, value]) => (counters[name] ?? 0) < value);
    if (fell) this.snapshots = [];
    this.snapshots.push({ atMs, counters: { ...counters } });
    // One snapshot at or before the start of the window stays: what came after it is the window's.
    while (this.snapshots.length > 2 && (this.snapshots[1]?.atMs ?? 0) <= atMs - this.spanMs) this.snapshots.shift();
  }

  // How much time the window looks back on; less than its span while it fills.
  coveredMs(): number {
    return (this.snapshots.at(-1)?.atMs ?? 0) - (this.snapshots[0]?.atMs ?? 0);
  }

  // Counters that grew, with how much. Empty when nothing happened.
  grown(): Record<string, number> {
    const first = this.snapshots[0];
    const last = this.snapshots.at(-1);
    if (!first || !last) return {};
    const grown: Record<string, number> = {};
    for (const [name, value] of Object.entries(last.counters)) {
      const added = value - (first.counters[name] ?? 0);
      if (added > 0) grown[name] = added;
    }
    return grown;
  }
}

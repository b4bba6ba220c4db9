// What changed from one slate to the next: which items are new, which moved, which left.

export type Change = { kind: "same" } | { kind: "new" } | { kind: "up"; by: number } | { kind: "down"; by: number };

export function changes(before: readonly string[], after: readonly string[]): Map<string, Change> {
  const place = new Map(before.map((id, i) => [id, i]));
  return new Map(
    after.map((id, i): [string, Change] => {
      const was = place.get(id);
      if (was === undefined) return [id, { kind: "new" }];
      if (was === i) return [id, { kind: "same" }];
      return [id, was > i ? { kind: "up", by: was - i } : { kind: "down", by: i - was }];
    }),
  );
}

// Places of the new slate that hold another item than before.
export function changedPlaces(before: readonly string[], after: readonly string[]): number {
  return after.filter((id, i) => before[i] !== id).length;
}

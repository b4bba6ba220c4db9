// Rows that change places glide to their new ones, so that the eye can follow what moved.

// Runs `change`, which replaces the rows, and animates those with the same data-id from where they were.
export function flip(container: Element, change: () => void): void {
  const still = window.matchMedia("(prefers-reduced-motion: reduce)").matches;
  const before = new Map<string, number>();
  for (const row of rows(container)) before.set(row.dataset["id"] ?? "", row.getBoundingClientRect().top);
  change();
  if (still) return;
  for (const row of rows(container)) {
    const was = before.get(row.dataset["id"] ?? "");
    const shift = was === undefined ? 0 : was - row.getBoundingClientRect().top;
    if (was === undefined) row.animate({ opacity: [0, 1] }, { duration: 360, easing: "ease-out" });
    else if (Math.abs(shift) > 1) {
      row.animate({ transform: [`translateY(${shift}px)`, "none"] }, { duration: 420, easing: "cubic-bezier(.2,.7,.2,1)" });
    }
  }
}

function rows(container: Element): HTMLElement[] {
  return [...container.querySelectorAll<HTMLElement>("[data-id]")];
}

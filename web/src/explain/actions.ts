// What a user did, in words, and whether it speaks for or against the item.

import { roughDuration, significant } from "../format";

export type Signal = "positive" | "negative" | "neutral";

const verbs: Record<string, { done: string; signal: Signal }> = {
  impression: { done: "Shown", signal: "neutral" },
  view: { done: "Viewed", signal: "neutral" },
  click: { done: "Clicked", signal: "neutral" },
  like: { done: "Liked", signal: "positive" },
  dislike: { done: "Disliked", signal: "negative" },
  watch: { done: "Watched", signal: "neutral" },
  finish: { done: "Finished", signal: "positive" },
  purchase: { done: "Bought", signal: "positive" },
  rating: { done: "Rated", signal: "neutral" },
  share: { done: "Shared", signal: "positive" },
  follow: { done: "Followed", signal: "positive" },
  skip: { done: "Skipped", signal: "negative" },
  hide: { done: "Hid", signal: "negative" },
};

export function describe(action: string, value?: number | null): { text: string; signal: Signal } {
  const { done, signal } = verbs[action] ?? { done: action, signal: "neutral" as const };
  if (action === "rating" && typeof value === "number") return { text: `Rated ${significant(value, 2)}`, signal };
  if (action === "watch" && value) return { text: `Watched ${roughDuration(value)}`, signal };
  return { text: done, signal };
}

// How candidate sources and degradation levels are named and coloured, the same everywhere.

export interface Naming {
  name: string;
  about: string;
  tone: string;
}

const sources: Record<string, Naming> = {
  als: { name: "Taste", about: "ALS: users with a similar taste", tone: "tone-a" },
  item_to_item: { name: "Similar items", about: "Item-to-item: goes with what the user liked", tone: "tone-b" },
  two_tower: { name: "Next in order", about: "Two-tower: follows from the order of what the user did", tone: "tone-j" },
  graph: { name: "Graph", about: "Graph model: near what the user liked in the graph of users and items", tone: "tone-k" },
  spectral: { name: "Spectral", about: "Spectral model: the broad tastes of the graph of users and items", tone: "tone-l" },
  content: { name: "Described alike", about: "Described like what the user liked, and unknown to the models", tone: "tone-i" },
  popular: { name: "Popular", about: "What most people like", tone: "tone-c" },
  category: { name: "In category", about: "Popular in the categories that the user likes", tone: "tone-g" },
  country: { name: "In country", about: "Popular in the user's country", tone: "tone-h" },
  subscriptions: { name: "Followed", about: "From creators whom the user follows", tone: "tone-f" },
  trending: { name: "Trending", about: "Rising right now", tone: "tone-d" },
  new: { name: "New", about: "Lately added items", tone: "tone-e" },
};
const spare = ["tone-g", "tone-h", "tone-f"];

// A source that this page does not know keeps its own name and one of the spare colours.
export function source(id: string): Naming {
  const known = sources[id];
  if (known) return known;
  let sum = 0;
  for (const character of id) sum += character.codePointAt(0) ?? 0;
  return { name: humanise(id), about: id, tone: spare[sum % spare.length] ?? "tone-f" };
}

// Known sources first, in a fixed order, so that bars do not jump about.
export function inOrder(ids: Iterable<string>): string[] {
  const known = Object.keys(sources);
  const place = (id: string) => (known.includes(id) ? known.indexOf(id) : known.length);
  return [...ids].sort((a, b) => place(a) - place(b) || a.localeCompare(b));
}

const levels: Record<string, Naming> = {
  full: { name: "Full", about: "Everything worked.", tone: "tone-good" },
  without_source: { name: "Without a source", about: "A source failed or ran out of time.", tone: "tone-c" },
  default_features: { name: "Default features", about: "The user's features could not be read.", tone: "tone-f" },
  popular: { name: "Popular only", about: "No model is live.", tone: "tone-d" },
  editorial: { name: "Editorial", about: "Nothing to go on: newest items.", tone: "tone-bad" },
};

export const levelOrder: readonly string[] = Object.keys(levels);

export function level(id: string): Naming {
  return levels[id] ?? { name: humanise(id), about: id, tone: "tone-f" };
}

// Why a filter removes a candidate, after "31".
const removals: Record<string, string> = {
  seen: "already seen",
  purchased: "already bought",
  region: "not in their region",
  excluded: "excluded by the request",
  category: "of other categories",
};

export function removal(filter: string): string {
  return removals[filter] ?? humanise(filter).toLowerCase();
}

export function humanise(id: string): string {
  const words = id.replaceAll("_", " ").trim();
  return words.charAt(0).toUpperCase() + words.slice(1);
}

// Pages live behind the '#', so the server has one address to serve and a link to a page can be shared.
//
//   #/                overview          #/user/ID         a user      #/visitor     a first-time visitor
//   #/item/ID         an item           #/trending?category=Drama

export type PageName = "overview" | "user" | "visitor" | "item" | "trending";

export interface Route {
  page: PageName;
  id: string; // empty where the page is a search
  params: Record<string, string>;
}

const pages: readonly string[] = ["overview", "user", "visitor", "item", "trending"];

// Anything that names no page is the overview: a wrong link still lands somewhere useful.
export function parse(hash: string): Route {
  const [path = "", query = ""] = hash.replace(/^#?\/?/, "").split("?", 2);
  const [name = "", ...rest] = path.split("/");
  const params = Object.fromEntries(new URLSearchParams(query));
  if (!pages.includes(name)) return { page: "overview", id: "", params };
  return { page: name as PageName, id: decode(rest.join("/")), params };
}

export function href(page: PageName, id = "", params: Record<string, string> = {}): string {
  const query = new URLSearchParams(Object.entries(params).filter(([, value]) => value !== "")).toString();
  const path = page === "overview" ? "" : id === "" ? page : `${page}/${encodeURIComponent(id)}`;
  return `#/${path}${query ? `?${query}` : ""}`;
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

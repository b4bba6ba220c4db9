// A user: what they did beside what they get, and why.

import type { UserPage } from "../../api/types";
import { type Child, h, replace } from "../../dom";
import type { Context, PageView } from "../../page";
import { card } from "../../parts/card";
import { Combobox, type Suggestion } from "../../parts/combobox";
import { aborted, loading } from "../../parts/states";
import { href, type Route } from "../../router";
import { History } from "./history";
import { Recommendations } from "./recommendations";
import { KnownUser, type Subject, Visitor } from "./subject";

const kOffered = 12;

export function userPage(context: Context, route: Route): PageView {
  const { client } = context;
  const search = new Combobox({
    label: "Look up a user by id",
    placeholder: "Look up a user by id",
    value: route.id,
    suggest: (text) => Promise.resolve(offers(context.recent.list(), text)),
    submit: (text) => void (window.location.hash = href("user", text)),
  });
  const head = (title: Child, ...below: Child[]) =>
    h("div", { class: "page-head" }, h("div", {}, h("h1", {}, title), below), search.element);

  if (route.page === "visitor") {
    const subject = new Visitor(client, window.sessionStorage);
    const someoneElse = h("button", { type: "button", class: "link" }, "be someone else");
    someoneElse.addEventListener("click", () => {
      Visitor.forget(window.sessionStorage);
      window.dispatchEvent(new HashChangeEvent("hashchange"));
    });
    const about = h("p", { class: "quiet" }, "Nobody knows them yet: session ", h("code", {}, subject.id), ", or ", someoneElse);
    return lookedUp(context, subject, head("First-time visitor", about), search.input, "First-time visitor");
  }
  if (route.id !== "") {
    const profile = h("p", { class: "quiet profile" });
    void showProfile(context, route.id, profile);
    context.recent.add(route.id);
    return lookedUp(context, new KnownUser(client, route.id), head(["User ", h("code", {}, route.id)], profile), search.input, `User ${route.id}`);
  }
  return {
    title: "Users",
    element: h("div", { class: "page" }, head("Users"), welcome(context)),
    search: search.input,
  };
}

function lookedUp(context: Context, subject: Subject, head: HTMLElement, search: HTMLInputElement, title: string): PageView {
  const history = new History(context, subject);
  const recommendations = new Recommendations(context, subject, () => void history.load());
  const load = () => {
    void history.load();
    void recommendations.load();
  };
  load();
  return {
    title,
    search,
    refresh: load,
    element: h(
      "div",
      { class: "page" },
      head,
      h(
        "div",
        { class: "columns" },
        card("What they did", { class: "history-card" }, history.element),
        card("What they get", { class: "slate-card", aside: recommendations.controls }, recommendations.element),
      ),
    ),
  };
}

// Who to begin with: users looked up before, users of the catalogue, and nobody in particular.
function welcome(context: Context): HTMLElement {
  const { client, recent, signal } = context;
  const visitor = h("a", { class: "chip strong", href: href("visitor") }, "First-time visitor");
  const people = h("div", {}, loading(1));
  client
    .get<UserPage>("/api/v1/users", { count: kOffered }, signal)
    .then(({ users }) => replace(people, users.length > 0 ? group("From the catalogue", users.map((user) => user.id)) : null))
    .catch((error: unknown) => {
      if (!aborted(error)) replace(people);
    });
  const before = recent.list();
  return card(
    "Whom would you like to see?",
    { about: "Their history stands beside what they get, with the reason for each item." },
    before.length > 0 ? group("Looked up lately", before) : null,
    people,
    h("h3", {}, "Or someone new"),
    h("ul", { class: "chips" }, h("li", {}, visitor)),
  );
}

function group(title: string, ids: readonly string[]): HTMLElement {
  return h(
    "div",
    { class: "group" },
    h("h3", {}, title),
    h("ul", { class: "chips" }, ids.map((id) => h("li", {}, h("a", { class: "chip", href: href("user", id) }, id)))),
  );
}

async function showProfile(context: Context, id: string, place: HTMLElement): Promise<void> {
  try {
    // Asked for as a list, because most users have no profile, and that is no error.
    const { users } = await context.client.get<UserPage>("/api/v1/users", { ids: id }, context.signal);
    const user = users.find((found) => found.id === id);
    if (!user) {
      replace(place, "No profile; known by what they do.");
      return;
    }
    const parts = [user.country, user.language, user.age_group, list("likes", user.interests), list("follows", user.follows)];
    replace(place, parts.filter((part) => part).join(" · "));
  } catch (error) {
    if (!aborted(error)) replace(place);
  }
}

function list(name: string, values: readonly string[] | undefined): string {
  return values && values.length > 0 ? `${name} ${values.slice(0, 5).join(", ")}` : "";
}

function offers(recent: readonly string[], text: string): Suggestion[] {
  return [
    ...recent.filter((id) => id.includes(text)).map((id) => ({ label: id, detail: "looked up lately", href: href("user", id) })),
    ...(text === "" ? [{ label: "First-time visitor", detail: "nobody knows them yet", href: href("visitor") }] : []),
  ];
}

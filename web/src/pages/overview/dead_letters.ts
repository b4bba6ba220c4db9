// Events that could not be applied: what they were, why, and a button that tries them again.

import type { UserEvent } from "../../api/types";
import { h, replace } from "../../dom";
import { describe } from "../../explain/actions";
import { dateTime, plural } from "../../format";
import type { Context } from "../../page";
import { card } from "../../parts/card";
import { aborted, failure, loading } from "../../parts/states";

const kShown = 20;

export function deadLetters(context: Context, amount: number): HTMLElement {
  const { client, signal } = context;
  const list = h("div", {}, loading(2));
  const status = h("span", { class: "quiet", role: "status" });
  const replay = h("button", { type: "button", class: "button small" }, "Replay all");
  const load = async () => {
    try {
      const page = await client.get<{ dead_letters: DeadLetter[] }>("/api/v1/dead-letters", { count: kShown }, signal);
      replace(list, table(page.dead_letters));
    } catch (error) {
      if (!aborted(error)) replace(list, failure(error, () => void load()));
    }
  };
  replay.addEventListener("click", () => {
    replay.disabled = true;
    client
      .post<{ replayed: number }>("/api/v1/dead-letters/replay", {}, signal)
      .then(({ replayed }) => {
        replace(status, `${plural(replayed, "event")} applied.`);
        context.feed.retryNow();
        return load();
      })
      .catch((error: unknown) => {
        if (!aborted(error)) replace(status, error instanceof Error ? error.message : String(error));
      })
      .finally(() => (replay.disabled = false));
  });
  void load();
  return card(
    "Dead letters",
    { about: `${plural(amount, "event")} could not be applied`, aside: [status, replay] },
    list,
  );
}

interface DeadLetter {
  id: number;
  reason: string;
  tries: number;
  event: UserEvent;
}

function table(letters: readonly DeadLetter[]): HTMLElement {
  return h(
    "div",
    { class: "table-scroll", tabindex: 0, role: "region", "aria-label": "Dead letters" },
    h(
      "table",
      {},
      h(
        "thead",
        {},
        h("tr", {}, ["Event", "User", "Item", "When", "Why"].map((name) => h("th", { scope: "col" }, name))),
      ),
      h(
        "tbody",
        {},
        letters.map(({ event, reason, tries }) =>
          h(
            "tr",
            {},
            h("td", {}, describe(event.action, event.value).text),
            h("td", {}, h("code", {}, event.user_id ?? event.session_id ?? "–")),
            h("td", {}, h("code", {}, event.item_id)),
            h("td", { class: "when" }, dateTime(event.timestamp)),
            h("td", {}, reason, h("span", { class: "quiet" }, ` (${plural(tries, "try", "tries")})`)),
          ),
        ),
      ),
    ),
  );
}

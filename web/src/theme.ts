// Light, dark, or as the system says. The choice is kept in this browser; the page's root always carries the
// resolved theme in data-theme, so the stylesheet states each palette once.

export type ThemeChoice = "system" | "light" | "dark";

const kStorageKey = "winnow.theme";
const next: Record<ThemeChoice, ThemeChoice> = { system: "light", light: "dark", dark: "system" };

export class Theme {
  private readonly systemDark = window.matchMedia("(prefers-color-scheme: dark)");
  private choice_: ThemeChoice;

  constructor(private readonly storage: Storage) {
    const stored = storage.getItem(kStorageKey);
    this.choice_ = stored === "light" || stored === "dark" ? stored : "system";
    this.systemDark.addEventListener("change", () => this.show());
    this.show();
  }

  get choice(): ThemeChoice {
    return this.choice_;
  }

  cycle(): ThemeChoice {
    this.choice_ = next[this.choice_];
    if (this.choice_ === "system") this.storage.removeItem(kStorageKey);
    else this.storage.setItem(kStorageKey, this.choice_);
    this.show();
    return this.choice_;
  }

  private show(): void {
    const dark = this.choice_ === "dark" || (this.choice_ === "system" && this.systemDark.matches);
    document.documentElement.dataset["theme"] = dark ? "dark" : "light";
  }
}

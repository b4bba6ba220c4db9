// The users looked up lately in this browser, newest first. Storage that is full or shut is no reason to fail.

const kStorageKey = "winnow.users";
const kKept = 8;

export class RecentUsers {
  constructor(private readonly storage: Storage) {}

  list(): string[] {
    try {
      const stored: unknown = JSON.parse(this.storage.getItem(kStorageKey) ?? "[]");
      return Array.isArray(stored) ? stored.filter((id): id is string => typeof id === "string") : [];
    } catch {
      return [];
    }
  }

  add(id: string): void {
    this.save([id, ...this.list().filter((other) => other !== id)].slice(0, kKept));
  }

  remove(id: string): void {
    this.save(this.list().filter((other) => other !== id));
  }

  private save(ids: string[]): void {
    try {
      this.storage.setItem(kStorageKey, JSON.stringify(ids));
    } catch {
      // Nothing is lost but a convenience.
    }
  }
}

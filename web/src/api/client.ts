// The one way to the server: JSON in, JSON out, and every failure an ApiError that a page can show as it is.
//
// When the server asks for an API key (401), the person is asked once, however many requests are waiting, and
// each of them is sent again with the key.

export class ApiError extends Error {
  constructor(
    readonly status: number, // 0 when no answer came
    readonly code: string,
    message: string,
    readonly field: string | null = null,
  ) {
    super(message);
    this.name = "ApiError";
  }

  get unreachable(): boolean {
    return this.status === 0;
  }
}

export interface Keys {
  current(): string | null;
  // Asks the person; null when they decline. `refused` is the key that did not work.
  ask(refused: string | null): Promise<string | null>;
}

export type Params = Record<string, string | number | undefined>;

const kTimeoutMs = 10_000;

export class Client {
  private asking: Promise<string | null> | null = null;

  constructor(private readonly keys: Keys) {}

  get<T>(path: string, params: Params = {}, signal?: AbortSignal): Promise<T> {
    return this.send<T>("GET", withParams(path, params), undefined, signal);
  }

  post<T>(path: string, body: unknown, signal?: AbortSignal): Promise<T> {
    return this.send<T>("POST", path, JSON.stringify(body), signal);
  }

  private async send<T>(method: string, url: string, body?: string, signal?: AbortSignal): Promise<T> {
    for (;;) {
      const key = this.keys.current();
      const response = await this.fetch(method, url, key, body, signal);
      if (response.status === 401) {
        // Another request may have been given a better key meanwhile; then that one is tried first.
        if (this.keys.current() !== key) continue;
        this.asking ??= this.keys.ask(key).finally(() => (this.asking = null));
        if ((await this.asking) !== null) continue;
      }
      return read<T>(response);
    }
  }

  private async fetch(
    method: string,
    url: string,
    key: string | null,
    body?: string,
    signal?: AbortSignal,
  ): Promise<Response> {
    const headers: Record<string, string> = { Accept: "application/json" };
    if (body !== undefined) headers["Content-Type"] = "application/json";
    if (key !== null) headers["Authorization"] = `Bearer ${key}`;
    const abort = new AbortController();
    const giveUp = () => abort.abort();
    const timer = setTimeout(giveUp, kTimeoutMs);
    signal?.addEventListener("abort", giveUp);
    if (signal?.aborted) giveUp();
    try {
      return await fetch(url, {
        method,
        headers,
        signal: abort.signal,
        cache: "no-store",
        credentials: "omit",
        ...(body === undefined ? {} : { body }),
      });
    } catch (cause) {
      if (signal?.aborted) throw cause; // the page was left: nobody is there to read an error
      throw new ApiError(0, "unreachable", "The server does not answer.");
    } finally {
      clearTimeout(timer);
      signal?.removeEventListener("abort", giveUp);
    }
  }
}

export function withParams(path: string, params: Params): string {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(params)) {
    if (value !== undefined && value !== "") query.set(name, String(value));
  }
  const text = query.toString();
  return text ? `${path}?${text}` : path;
}

async function read<T>(response: Response): Promise<T> {
  let body: unknown = null;
  try {
    body = await response.json();
  } catch {
    if (response.ok) throw new ApiError(response.status, "malformed", "The server's answer is not JSON.");
  }
  if (response.ok) return body as T;
  const error = (body as { error?: { code?: string; message?: string; field?: string | null } } | null)?.error;
  throw new ApiError(
    response.status,
    error?.code ?? "unknown",
    error?.message ?? `The server answered ${response.status}.`,
    error?.field ?? null,
  );
}

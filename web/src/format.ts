// Numbers and times as people read them. All functions are pure; an unknown value reads as an en dash.

const kUnknown = "–";
const integers = new Intl.NumberFormat("en", { maximumFractionDigits: 0 });
const dates = new Intl.DateTimeFormat("en-GB", {
  day: "numeric",
  month: "short",
  year: "numeric",
  hour: "2-digit",
  minute: "2-digit",
});

function known(value: number | null | undefined): value is number {
  return typeof value === "number" && Number.isFinite(value);
}

// 1234567 -> "1,234,567"
export function count(value: number | null | undefined): string {
  return known(value) ? integers.format(value) : kUnknown;
}

// 100836 -> "101k", 1234567 -> "1.23M": three digits that count.
export function compact(value: number | null | undefined): string {
  if (!known(value)) return kUnknown;
  for (const [unit, letter] of [[1e9, "G"], [1e6, "M"], [1e3, "k"]] as const) {
    if (Math.abs(value) >= unit * 0.9995) return `${significant(value / unit, 3)}${letter}`;
  }
  return significant(value, 3);
}

// A rate or score: enough digits to tell small values apart, none that are noise.
export function significant(value: number | null | undefined, digits = 3): string {
  if (!known(value)) return kUnknown;
  if (value === 0) return "0";
  const magnitude = Math.floor(Math.log10(Math.abs(value)));
  const decimals = Math.min(6, Math.max(0, digits - 1 - magnitude));
  return new Intl.NumberFormat("en", { maximumFractionDigits: decimals }).format(value);
}

// For columns of scores and metrics: 0.123, 1.95, 12.3, 123, 20.8k; shorter ones are filled up, so that points align.
export function score(value: number | null | undefined): string {
  if (!known(value)) return kUnknown;
  const size = Math.abs(value);
  if (size >= 1000) return compact(value);
  return value.toFixed(size >= 100 ? 0 : size >= 10 ? 1 : size >= 1 ? 2 : size >= 0.01 || size === 0 ? 3 : 4);
}

export function perSecond(value: number | null | undefined): string {
  if (!known(value)) return kUnknown;
  return value >= 1000 ? compact(value) : value >= 100 ? count(value) : value.toFixed(value >= 10 ? 1 : 2);
}

// 0.412 -> "0.41 ms", 1530 -> "1.53 s"
export function milliseconds(value: number | null | undefined): string {
  if (!known(value)) return kUnknown;
  if (value >= 1000) return `${significant(value / 1000, 3)} s`;
  return `${value >= 100 ? value.toFixed(0) : value >= 10 ? value.toFixed(1) : value.toFixed(2)} ms`;
}

// 0.123 -> "12%", 0.0123 -> "1.2%"; what is not all never reads as 100%, nor something as 0%.
export function percent(share: number | null | undefined): string {
  if (!known(share)) return kUnknown;
  const value = share * 100;
  if (value > 0 && value < 0.1) return "<0.1%";
  if (value > 99 && value < 100) return `${Math.min(99.9, value).toFixed(1)}%`;
  return `${value > 0 && value < 10 ? value.toFixed(1) : value.toFixed(0)}%`;
}

// 5420 s -> "1 h 30 min": the two largest units.
export function duration(seconds: number | null | undefined): string {
  if (!known(seconds) || seconds < 0) return kUnknown;
  const whole = Math.round(seconds);
  const units = [[86400, "d"], [3600, "h"], [60, "min"], [1, "s"]] as const;
  const parts: string[] = [];
  let left = whole;
  for (const [size, name] of units) {
    const amount = Math.floor(left / size);
    left -= amount * size;
    if (amount > 0) parts.push(`${amount} ${name}`);
    if (parts.length === 2 || (parts.length === 1 && amount === 0)) break;
  }
  return parts.length > 0 ? parts.join(" ") : "0 s";
}

// 2254 s -> "38 min": the one unit that tells it.
export function roughDuration(seconds: number | null | undefined): string {
  if (!known(seconds) || seconds < 0) return kUnknown;
  if (seconds < 120) return `${Math.round(seconds)} s`;
  return seconds < 3 * 3600 ? `${Math.round(seconds / 60)} min` : `${Math.round(seconds / 3600)} h`;
}

// "just now", "3 min ago", "5 h ago", "12 d ago", then the date.
export function ago(timeMs: number | null | undefined, nowMs: number): string {
  if (!known(timeMs) || timeMs <= 0) return kUnknown;
  const seconds = Math.round((nowMs - timeMs) / 1000);
  if (seconds < -60) return dateTime(timeMs);
  if (seconds < 5) return "just now";
  if (seconds < 60) return `${seconds} s ago`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min ago`;
  if (seconds < 86400) return `${Math.floor(seconds / 3600)} h ago`;
  if (seconds < 30 * 86400) return `${Math.floor(seconds / 86400)} d ago`;
  return dateTime(timeMs).split(",")[0] ?? kUnknown;
}

// "14 Nov 2023, 22:13", in the reader's time zone.
export function dateTime(timeMs: number | null | undefined): string {
  return known(timeMs) && timeMs > 0 ? dates.format(timeMs) : kUnknown;
}

export function plural(amount: number, one: string, many = `${one}s`): string {
  return `${count(amount)} ${amount === 1 ? one : many}`;
}

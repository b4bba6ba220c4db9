// From values to places on a chart.

export type Scale = (value: number) => number;

export function linear(domain: readonly [number, number], range: readonly [number, number]): Scale {
  const [from, to] = domain;
  const span = to - from || 1;
  return (value) => range[0] + ((value - from) / span) * (range[1] - range[0]);
}

// An axis from 0 to a round number at or above `max`, with ticks at 1, 2 or 5 times a power of ten; between
// three and six of them.
export function axis(max: number, floor = 1): { max: number; ticks: number[] } {
  const top = Math.max(Number.isFinite(max) ? max : 0, floor);
  const rough = top / 4;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = ([1, 2, 5, 10].find((factor) => factor * power >= rough * 0.999) ?? 10) * power;
  const steps = Math.ceil(top / step - 1e-9);
  // Multiplying would give 0.30000000000000004; dividing by the inverse does not.
  const ticks = Array.from({ length: steps + 1 }, (_, i) => Number((i * step).toPrecision(12)));
  return { max: ticks.at(-1) ?? top, ticks };
}

export function largest(values: readonly (number | null)[]): number {
  let max = 0;
  for (const value of values) if (value !== null && value > max) max = value;
  return max;
}

// The newest value that is known.
export function latest(values: readonly (number | null)[]): number | null {
  for (let i = values.length - 1; i >= 0; i -= 1) {
    const value = values[i];
    if (value !== null && value !== undefined) return value;
  }
  return null;
}

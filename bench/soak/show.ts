import { quantile } from '../quantile.ts';
import type { Sample } from './memory.ts';
import { isFlat, slopeOf } from './memory.ts';
import type { Call, Tally } from './tally.ts';

const PARTS = 4;
const ms = (value: number): string => `${value.toFixed(value < 10 ? 1 : 0)} ms`;

const lined = (rows: readonly (readonly string[])[]): string => {
  const widths = (rows[0] ?? []).map((_, at) => Math.max(...rows.map((row) => row[at]?.length ?? 0)));
  return rows
    .map((row) =>
      row
        .map((cell, at) => cell.padEnd(widths[at] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
};

const counted = (calls: readonly Call[]): string => {
  const counts = new Map<string, number>();
  for (const { answer } of calls) counts.set(answer, (counts.get(answer) ?? 0) + 1);
  const sorted = [...counts].sort(([a], [b]) => a.localeCompare(b));
  return sorted.map(([answer, count]) => `${answer} × ${count}`).join(', ');
};

/** Requests by route and answer, with their latencies. */
export const shownCalls = ({ calls }: Tally): string =>
  lined([
    ['route', 'calls', 'p50', 'p99', 'answers'],
    ...[...calls]
      .sort(([, a], [, b]) => b.length - a.length)
      .map(([route, all]) => {
        const took = all.map(({ tookMs }) => tookMs);
        return [route, String(all.length), ms(quantile(took, 0.5)), ms(quantile(took, 0.99)), counted(all)];
      }),
  ]);

/** All calls by quarters of the time: where the engine slows down with its stream, it shows here. */
export const shownPace = ({ calls }: Tally, lengthMs: number): string => {
  const all = [...calls.values()].flat();
  const rows = Array.from({ length: PARTS }, (_, part) => {
    const within = all.filter(({ atMs }) => Math.min(PARTS - 1, Math.floor((atMs / lengthMs) * PARTS)) === part);
    const took = within.map(({ tookMs }) => tookMs);
    const rate = (within.length / (lengthMs / PARTS / 1000)).toFixed(1);
    return [`${part + 1} of ${PARTS}`, `${rate} calls/s`, ms(quantile(took, 0.5)), ms(quantile(took, 0.99))];
  });
  return lined([['part of the time', 'rate', 'p50', 'p99'], ...rows]);
};

const growth = (samples: readonly Sample[], of: 'systemMb' | 'engineMb'): string => {
  const values = samples.map((sample) => sample[of]);
  const slope = slopeOf(samples.map((sample) => [sample.atMinutes, sample[of]] as const));
  const flat = { true: 'flat', false: 'NOT FLAT', null: 'too short a time to say whether flat' }[
    String(isFlat(values))
  ];
  const range = `${Math.min(...values).toFixed(0)} to ${Math.max(...values).toFixed(0)} MB`;
  const ends = `${values[0]?.toFixed(0)} MB first, ${values.at(-1)?.toFixed(0)} MB last`;
  return `${ends}, ${range}, ${slope >= 0 ? '+' : ''}${slope.toFixed(1)} MB a minute: ${flat}`;
};

export const shownMemory = (samples: readonly Sample[]): string =>
  samples.length === 0
    ? 'memory was not measured: the engine is not ours'
    : lined([
        ['memory, the warm-up left out', ''],
        ['  the system', growth(samples, 'systemMb')],
        ['  the embedded engine', growth(samples, 'engineMb')],
      ]);

import type { Spent } from './meter.ts';

/** One line of the table. */
export interface Figure {
  readonly figure: string;
  readonly bar: string;
  readonly ours: string;
  readonly comparison: string;
  /** `null` where nothing is promised: told for completeness. */
  readonly ok: boolean | null;
  /** A figure that is the same in every run: over its bar it fails the bench. Timings and sizes under work do not. */
  readonly deterministic: boolean;
}

export interface Section {
  readonly title: string;
  readonly figures: readonly Figure[];
  /** What the reader must know to judge the figures. */
  readonly notes: readonly string[];
}

/** A figure that must hold in every run. */
export const exact = (figure: string, bar: string, ours: string, comparison: string, ok: boolean): Figure => ({
  figure,
  bar,
  ours,
  comparison,
  ok,
  deterministic: true,
});

/** A figure that depends on the machine, or on work still under way. */
export const measured = (figure: string, bar: string, ours: string, comparison: string, ok: boolean): Figure => ({
  ...exact(figure, bar, ours, comparison, ok),
  deterministic: false,
});

/** A figure nothing is promised for. */
export const told = (figure: string, ours: string, comparison = ''): Figure => ({
  figure,
  bar: '',
  ours,
  comparison,
  ok: null,
  deterministic: false,
});

export const isFailure = ({ ok, deterministic }: Figure): boolean => deterministic && ok === false;

/** Round trips / write units / read units. */
export const shownSpent = ({ requests, writeUnits, readUnits }: Spent): string =>
  `${requests.length} / ${writeUnits} / ${readUnits}`;

export const within = (spent: Spent, roundTrips: number, writeUnits: number, readUnits: number): boolean =>
  spent.requests.length <= roundTrips && spent.writeUnits <= writeUnits && spent.readUnits <= readUnits;

export const integer = (value: number): string => value.toLocaleString('en-US', { maximumFractionDigits: 0 });
export const ratio = (value: number): string => `${value.toFixed(2)} ×`;
export const ms = (value: number): string => `${value.toFixed(2)} ms`;

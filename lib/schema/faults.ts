import type * as z from 'zod/mini';
import type { Fault } from '../domain/refusal.ts';

/** zod's issues as faults at JSON paths that begin with `at`; one for each path, and no more than a reader can use. */
export const faultsOf = (issues: readonly z.core.$ZodIssue[], at: string): Fault[] => {
  const faults = new Map<string, string>();
  for (const issue of issues) {
    const unknown = issue.code === 'unrecognized_keys' ? issue.keys.slice(0, MAX_FAULTS) : [];
    for (const key of unknown) faults.set(jsonPath(at, [...issue.path, key]), 'is not known here');
    const path = jsonPath(at, issue.path);
    const message = (issue.code === 'invalid_key' ? issue.issues[0]?.message : undefined) ?? issue.message;
    if (unknown.length === 0 && !faults.has(path)) faults.set(path, message);
  }
  return [...faults].slice(0, MAX_FAULTS).map(([path, message]) => ({ path, message }));
};

const MAX_FAULTS = 10;
/** Unknown keys are the sender's own words: enough of one to find it again is handed back, not all of it. */
const MAX_KEY_LENGTH = 60;
/** In a key that has to be quoted each character may become seven. */
const MAX_QUOTED_LENGTH = 12;

const jsonPath = (at: string, path: readonly PropertyKey[]): string =>
  path.reduce<string>((before, step) => {
    if (typeof step === 'number') return `${before}[${step}]`;
    const key = String(step).slice(0, MAX_KEY_LENGTH);
    if (!/^[\w$]+$/.test(key)) return `${before}[${JSON.stringify(key.slice(0, MAX_QUOTED_LENGTH))}]`;
    return before === '' ? key : `${before}.${key}`;
  }, at);

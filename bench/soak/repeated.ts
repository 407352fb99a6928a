import { isDeepStrictEqual } from 'node:util';
import type { Shift } from './scene.ts';

interface Answer {
  readonly data?: unknown;
  readonly response: Response;
}

const SHARE = 0.15;

const twice = async <A>({ chance }: Pick<Shift, 'chance'>, call: () => Promise<A>): Promise<readonly [A, A?]> => {
  if (chance() >= SHARE) return [await call()];
  return chance() < 0.5 ? Promise.all([call(), call()]) : [await call(), await call()];
};

/** Sends a call, and now and then sends it twice: one after the other, or both at once. Hands back the last answer that was a success. */
export const again = async <A extends Answer>(shift: Pick<Shift, 'chance'>, call: () => Promise<A>): Promise<A> => {
  const [one, two] = await twice(shift, call);
  return two?.data === undefined ? one : two;
};

/** The same for calls that are recognised for ever: whoever is answered twice must be answered the same (I7). */
export const repeated = async <A extends Answer>(
  shift: Pick<Shift, 'chance' | 'tally'>,
  call: () => Promise<A>,
): Promise<A> => {
  const [one, two] = await twice(shift, call);
  if (two === undefined) return one;
  if (one.data !== undefined && two.data !== undefined && !isDeepStrictEqual(one.data, two.data))
    shift.tally.breach(`I7 one request, two answers: ${JSON.stringify(one.data)}, ${JSON.stringify(two.data)}`);
  return one.data === undefined ? two : one;
};

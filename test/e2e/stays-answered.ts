import { expect } from 'vitest';
import type { Operation } from '../../lib/http/contract/operation.ts';
import type { Actor, Asked } from './actor.ts';
import { type Api, DAY, HOUR, MINUTE } from './api.ts';

/** Now, in a minute, after the estimate, after the hold, tomorrow, next year: I7 knows no distance in time. */
const LATER = [0, MINUTE, 16 * MINUTE, 2 * HOUR, 2 * DAY, 400 * DAY];

/** The same request again, later and later, gets the same answer. */
export const staysAnswered = async (
  api: Api,
  t: number,
  actor: Actor,
  operation: Operation,
  asked: Asked,
): Promise<void> => {
  const first = await actor.send(operation, asked);
  expect(first.status).toBe(operation.status);
  for (const later of LATER) {
    await api.at(t + later);
    const again = await actor.send(operation, asked);
    expect({ status: again.status, body: again.body }).toEqual({ status: first.status, body: first.body });
  }
};

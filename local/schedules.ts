import { Cron } from 'croner';
import * as z from 'zod/mini';
import type { StackSchedule } from './feeds.ts';

const RATE = /^rate\((\d+) (minute|hour|day)s?\)$/;
const CRON = /^cron\((\S+) (\S+) (\S+) (\S+) (\S+) \*\)$/;
const UNIT_MS = { minute: 60_000, hour: 3_600_000, day: 86_400_000 } as const;

/** The first firing after an instant. EventBridge's cron has a year, and `?` for a day that does not matter. */
export const nextFiringMs = (expression: string, afterMs: number): number => {
  const rate = RATE.exec(expression);
  if (rate !== null) {
    const unit = z.enum(['minute', 'hour', 'day']).parse(rate[2]);
    const everyMs = Number(rate[1]) * UNIT_MS[unit];
    return (Math.floor(afterMs / everyMs) + 1) * everyMs;
  }
  const fields = CRON.exec(expression)
    ?.slice(1)
    .map((field) => field.replace('?', '*').replace(/^(\d+)\//, '$1-59/'));
  const next = fields && new Cron(fields.join(' '), { timezone: 'UTC' }).nextRun(new Date(afterMs));
  if (!next) throw new Error(`${expression} is not a schedule this machine can run`);
  return next.getTime();
};

const swept = z.object({ complete: z.boolean() });

/** Shards swept at once. */
const AT_ONCE = 4;

/**
 * The stack's schedules on this machine's clock. Many missed firings of one schedule are one, and none is done by half: where the
 * function says there is more, it is called again. A shard that fails is left for the next run, and the others go on. Both as the
 * state machine does it.
 */
export const openSchedules = (
  schedules: readonly StackSchedule[],
  invoke: (functionId: string, event: unknown) => Promise<unknown>,
) => {
  const run = async ({ id, fn, input, shards }: StackSchedule): Promise<void> => {
    const queue = [...shards];
    const work = async (): Promise<void> => {
      for (let shard = queue.shift(); shard !== undefined; shard = queue.shift()) {
        try {
          while (!swept.parse(await invoke(fn.id, { ...input, shard })).complete);
        } catch (fault) {
          console.error(`${id} has failed on shard ${shard}, which is left for the next run: ${String(fault)}`);
        }
      }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, work));
  };

  let running: Promise<void> = Promise.resolve();
  return {
    /** Fires what is due after `fromMs` and until `toMs`, in order of the firings; settles when all is done. */
    fire: (fromMs: number, toMs: number): Promise<void> => {
      const due = schedules
        .map((schedule) => ({ schedule, atMs: nextFiringMs(schedule.expression, fromMs) }))
        .filter(({ atMs }) => atMs <= toMs)
        .sort((a, b) => a.atMs - b.atMs);
      running = running
        .catch(() => undefined)
        .then(async () => {
          for (const { schedule } of due) await run(schedule);
        });
      return running;
    },
  };
};

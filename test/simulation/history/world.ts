import type { Dependencies } from '../../../lambdas/dependencies.ts';
import type { Sweep } from '../../../lambdas/schedulers/sweep/sweep.ts';
import type { PaymentFact } from '../../../lib/domain/payment-fact.ts';
import { SECOND_MS } from '../../../lib/domain/time.ts';
import type { AskStripe } from '../../../lib/payments/ask-stripe.ts';
import type { PaymentDeps } from '../../../lib/payments/payment-deps.ts';
import { openTable } from '../../../lib/store/table.ts';
import type { Signer } from '../../../lib/token/signer.ts';
import { FAULTS, type Fault, type FaultSettings, faultyTable } from '../faults.ts';
import { creditsTable } from '../memory-table/credits-table.ts';
import type { Endpoint } from '../memory-table/endpoint.ts';
import { quickClient } from '../memory-table/quick-client.ts';
import type { Request } from '../memory-table/request.ts';
import { isObject } from '../memory-table/value.ts';
import { watchLedgers } from '../watch/ledger.ts';
import { createOracle } from '../watch/oracle.ts';
import { followPlainly } from '../watch/plain-follower.ts';
import { watchWords } from '../watch/words-on-money.ts';
import { catalogOf } from './catalog-of.ts';
import { chanceOf, seedProcess } from './chance.ts';
import { doors } from './doors.ts';
import { instantsOf } from './instants.ts';
import type { Plan, Weather } from './plan.ts';
import { createScheduler, type Life, newLife } from './scheduler.ts';
import { createStripeModel, PRICES } from './stripe-model.ts';

/** A door's function is cut off after so long; a webhook's and a sweep's later. */
const CUT_OFF_MS: Readonly<Record<string, number>> = { deliver: 20 * SECOND_MS, sweep: 60 * SECOND_MS };
const DOOR_CUT_OFF_MS = 10 * SECOND_MS;
/** What is late comes within so long: a request is signed for an instant, and no network keeps it for a minute. */
const LATE_MS = 20 * SECOND_MS;

/** Nobody forges here, and a MAC costs as much as a request to the table. */
const SIGNER: Signer = {
  sign: async (kind, payload) => `${kind} ${JSON.stringify(payload)}`,
  open: async (kind, token) => (token.startsWith(`${kind} `) ? JSON.parse(token.slice(kind.length + 1)) : undefined),
};
const NAME = 'credits';

/** Answers of our own making that a caller hears as 503, or a delivery as 500, and asks again. */
const OURS = new Set([
  'TimeoutError',
  'InternalServerError',
  'ThrottlingException',
  'ProvisionedThroughputExceededException',
  'TransactionConflictException',
  'Contended',
]);

export interface Options {
  /** Every request and answer, in words. */
  readonly trace: boolean;
  /** Told of every place a process was killed at. */
  readonly killedAt?: (place: string) => void;
  /** Instead of chance: whether to kill here. */
  readonly kills?: (life: Life, moment: 'sent' | 'done') => boolean;
  /** One request after the other, in the order of their instants: the same inputs then meet the same state. */
  readonly inTurn?: boolean;
}

interface Who {
  readonly actor: string;
  readonly operation: string;
  /** Then it is given up. */
  readonly tries?: number;
}

const keyOf = (request: Request): string => {
  const key = request['Key'] ?? request['Item'];
  if (isObject(key))
    return ['pk', 'sk'].map((name) => Object.values(isObject(key[name]) ? key[name] : {}).join('')).join(' ');
  const items = request['TransactItems'];
  if (!Array.isArray(items)) return '';
  return items
    .flatMap((each) => (isObject(each) ? Object.values(each) : []))
    .map((each) => (isObject(each) ? keyOf({ ...each }) : ''))
    .join(', ');
};

/** A world for one history: clock, table, faults, Stripe, and everybody who watches. */
export const createWorld = (plan: Plan, options: Options) => {
  const { seed, startMs } = plan;
  const catalog = catalogOf(plan);
  const chance = chanceOf(seed, 1);
  let arrivals = 0;
  const scheduler = createScheduler(startMs, options.inTurn === true ? () => arrivals++ : chanceOf(seed, 2));
  seedProcess(chanceOf(seed, 3));
  const { now, park } = scheduler;
  const weather: { -readonly [K in keyof Weather]: Weather[K] } = { ...plan.weather };
  const rates: Partial<Record<Fault, number>> = { ...plan.weather.rates };
  const trace: string[] = [];
  const failures: string[] = [];
  const tokens = { last: 0 };
  let kills = 0;

  const note = (actor: string, text: () => string): void => {
    if (options.trace) trace.push(`${new Date(now()).toISOString()} ${actor.padEnd(12)} ${text()}`);
  };
  const fault = (sentence: string): void => {
    failures.push(sentence);
    note('WATCH', () => sentence);
  };

  const oracle = createOracle({ nowMs: now, fault, ledgerOf: (id) => watch.ledgers.get(id) });
  const plain = followPlainly(catalog, (id) => stripe.periodOf(id), fault);
  const tools = openTable(
    quickClient(async () => ({ ok: false, timedOut: true })),
    NAME,
    catalog,
  ).tools;
  const watch = watchLedgers(
    tools,
    { runOf: oracle.runOf, wasAsked: oracle.wasAsked, nowMs: now, skewMs: weather.skewMs, fault },
    (what) => {
      for (const record of what.records) oracle.recorded(record);
      plain.follow(what);
    },
  );
  const words = watchWords(watch.ledgers, fault);
  const table = creditsTable(NAME, now, (changes) => {
    watch.look(changes);
    words(changes);
  });

  const never = (): Promise<never> => new Promise(() => undefined);

  const turnOf =
    (life: Life): FaultSettings['turn'] =>
    async (moment) => {
      if (life.over) return never();
      if (moment === 'sent') life.sent++;
      const doomed = options.kills?.(life, moment) ?? (weather.killed > 0 && chance() < weather.killed);
      if (doomed) {
        kills++;
        options.killedAt?.(`${life.operation} ${moment === 'sent' ? life.sent - 1 : life.sent}`);
        note(
          life.actor,
          () => `✝ ${life.operation} is killed ${moment === 'sent' ? 'before' : 'after'} request ${life.sent}`,
        );
        life.die();
        return never();
      }
      const stall = weather.stalled > 0 && chance() < weather.stalled ? Math.floor(chance() * weather.stallMs) : 0;
      await park(life, now() + Math.floor(chance() * (weather.latencyMs + 1)) + stall);
      if (now() - life.bornMs > (CUT_OFF_MS[life.operation.split(' ')[0] ?? ''] ?? DOOR_CUT_OFF_MS)) {
        note(life.actor, () => `✝ ${life.operation} is cut off`);
        life.die();
        return never();
      }
    };

  const later = (work: () => void): void => {
    void spawn(async () => {
      await park(null, now() + Math.floor(chance() * LATE_MS));
      note('network', () => 'what was late arrives');
      work();
    });
  };
  const faulty = faultyTable(table, { rates, random: chance, turn: async () => undefined, maxWritesAgo: 6, later });

  const traced =
    (life: Life, endpoint: Endpoint): Endpoint =>
    async (operation, request) => {
      const reply = await endpoint(operation, request);
      note(life.actor, () => {
        const outcome = reply.ok ? 'done' : 'timedOut' in reply ? 'no answer' : reply.refusal.type;
        return `  ${life.operation}: ${operation} ${keyOf(request)} → ${outcome}`;
      });
      return reply;
    };

  /** Everything a door works with, in one process. */
  const depsOf = (life: Life): Dependencies => {
    const endpoint = faulty.through(turnOf(life));
    // In turn, nobody waits: who comes next would come at another instant.
    const pause = (ms: number): Promise<void> =>
      park(life, options.inTurn === true ? now() : now() + 1 + Math.floor(chance() * ms));
    const client = quickClient(options.trace ? traced(life, endpoint) : endpoint, {
      pause,
      random: chance,
      token: () => `token-${++tokens.last}`,
    });
    // How long losers wait is drawn by the process; here it is drawn again from the seed.
    const waits = () => pause(320);
    return {
      table: { client, name: NAME, catalog, tools, pause: waits },
      signer: SIGNER,
      catalog,
      now: () => now() + life.skewMs,
    };
  };

  const stripe = createStripeModel();
  const askOf = (life: Life): AskStripe => {
    const truth = stripe.ask(now);
    const turn = turnOf(life);
    const asking = async <T>(work: () => Promise<T>): Promise<T> => {
      await turn('sent', 'GetItem', {});
      const lost = chance() < weather.stripeFails;
      if (lost && chance() < 0.5) throw Object.assign(new Error('Stripe does not answer'), { name: 'TimeoutError' });
      const answer = await work();
      await turn('done', 'GetItem', {});
      if (lost) throw Object.assign(new Error('Stripe is not heard'), { name: 'TimeoutError' });
      return answer;
    };
    return {
      subscription: (id) => asking(() => truth.subscription(id)),
      paidBy: (id) => asking(() => truth.paidBy(id)),
      undo: (duplicate) => asking(() => truth.undo(duplicate)),
    };
  };
  const paymentDepsOf = (life: Life): PaymentDeps => ({ ...depsOf(life), prices: PRICES, ask: askOf(life) });

  /** Nothing but what a caller is told to try again may ever be thrown. */
  const hear = (what: string, thrown: unknown): void => {
    const name = thrown instanceof Error ? thrown.name : 'something';
    if (!OURS.has(name)) fault(`${what} threw ${thrown instanceof Error ? thrown.stack : String(thrown)}`);
  };

  /** A schedule says of an account it could not bring up what it was; it goes on with the others. */
  const telemetry: Sweep['telemetry'] = {
    error: (message, { fault: name }) => {
      if (!OURS.has(String(name))) fault(`${message}: ${String(name)}`);
    },
    count: () => undefined,
  };

  /** Facts that have not been heard of, and the clock by which Stripe acts by itself. */
  const owed = new Set<PaymentFact>();
  const delivered = (fact: PaymentFact): void => {
    owed.delete(fact);
    if (fact.fact !== 'pack_paid' && fact.fact !== 'period_paid') return;
    const paid = stripe.money.find((one) => one.paid === fact);
    if (paid === undefined) return;
    const lines = watch.ledgers.get(paid.accountId)?.entries.filter(({ payment }) => payment === fact.paymentId) ?? [];
    if (lines.length === 0 && fact.fact === 'pack_paid')
      fault(`R17: ${fact.paymentId} was answered, and is in no line`);
  };
  const stripesClock = newLife('stripe', 'renew', startMs);

  let running = 0;
  let told: (() => void) | null = null;
  const spawn = async (work: () => Promise<void>): Promise<void> => {
    running++;
    try {
      await work();
    } catch (thrown) {
      fault(`the simulation itself: ${thrown instanceof Error ? (thrown.stack ?? thrown.message) : String(thrown)}`);
    }
    running--;
    if (running === 0) told?.();
  };
  /** Until nobody is at work any more. */
  const idle = (): Promise<void> =>
    new Promise((resolve) => {
      told = resolve;
      if (running === 0) resolve();
    });

  let last: Promise<unknown> = Promise.resolve();
  /** Work that nobody else's comes between, where requests are made in turn. */
  const inTurn = <T>(work: () => Promise<T>): Promise<T> => {
    if (options.inTurn !== true) return work();
    const mine = last.then(work);
    last = mine.catch(() => null);
    return mine;
  };

  /** One request, again and again until it is answered, or until its sender has tried often enough. */
  const request = <T>(who: Who, work: (life: Life) => Promise<T>): Promise<T | null> =>
    inTurn(() => answered(who, work));
  const answered = async <T>(who: Who, work: (life: Life) => Promise<T>): Promise<T | null> => {
    const skewMs = weather.skewMs === 0 ? 0 : Math.floor((chance() * 2 - 1) * weather.skewMs);
    for (let tries = 1; ; tries++) {
      const life = newLife(who.actor, who.operation, now(), skewMs);
      const answer = await Promise.race([
        work(life).then(
          (value) => ({ value }),
          (thrown: unknown) => ({ thrown }),
        ),
        life.died,
      ]);
      life.over = true;
      if (answer !== 'died' && 'value' in answer) return answer.value;
      if (answer !== 'died') {
        const { thrown } = answer;
        note(who.actor, () => `${who.operation} failed: ${thrown instanceof Error ? thrown.name : String(thrown)}`);
        hear(who.operation, thrown);
      }
      if (failures.length > 0 || tries >= (who.tries ?? 200)) return null;
      await park(null, now() + Math.floor((0.2 + chance()) * 2 * SECOND_MS));
    }
  };

  const calmDown = (): void => {
    for (const kind of FAULTS) rates[kind] = 0;
    Object.assign(weather, { killed: 0, stalled: 0, stripeFails: 0, latencyMs: Math.min(weather.latencyMs, 20) });
  };

  const { ends, allEnds, instants } = instantsOf(watch.ledgers, oracle.lastRuns, now);

  return {
    now,
    park,
    run: scheduler.run,
    steps: scheduler.steps,
    chance,
    note,
    fault,
    failures,
    trace,
    catalog,
    oracle,
    plain,
    ledgers: watch.ledgers,
    table,
    stripe,
    depsOf,
    signer: SIGNER,
    hear,
    telemetry,
    owed,
    delivered,
    stripesClock,
    skewMs: plan.weather.skewMs,
    paymentDepsOf,
    spawn,
    idle,
    request,
    inTurn,
    calmDown,
    ends,
    allEnds,
    instants,
    counts: faulty.counts,
    attempts: faulty.attempts,
    kills: () => kills,
    doors,
  };
};

export type World = ReturnType<typeof createWorld>;

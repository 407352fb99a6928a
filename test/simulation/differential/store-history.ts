import {
  BatchGetCommand,
  DynamoDBDocumentClient,
  GetCommand,
  PutCommand,
  QueryCommand,
  TransactWriteCommand,
  UpdateCommand,
} from '@aws-sdk/lib-dynamodb';
import fc from 'fast-check';
import { expect } from 'vitest';
import { isRefusal } from '../../../lib/domain/refusal.ts';
import { DAY_MS, HOUR_MS } from '../../../lib/domain/time.ts';
import { touchAccount } from '../../../lib/store/change-account.ts';
import { readDue } from '../../../lib/store/due-accounts.ts';
import { readHistory } from '../../../lib/store/history.ts';
import { shardOf } from '../../../lib/store/shard.ts';
import { World } from '../../world.ts';
import { creditsTable } from '../memory-table/credits-table.ts';
import { endpointOf } from '../memory-table/endpoint.ts';
import type { MemoryTable } from '../memory-table/memory-table.ts';
import { quickClient } from '../memory-table/quick-client.ts';
import { type Deed, outcomeOf } from './stores.ts';

const deedOf = (command: unknown): Deed => {
  if (command instanceof GetCommand) return { what: 'get', input: command.input };
  if (command instanceof BatchGetCommand) return { what: 'batch-get', input: command.input };
  if (command instanceof PutCommand) return { what: 'put', input: command.input };
  if (command instanceof UpdateCommand) return { what: 'update', input: command.input };
  if (command instanceof QueryCommand) return { what: 'query', input: command.input };
  if (command instanceof TransactWriteCommand) return { what: 'transact-write', input: command.input };
  throw new Error('the store sends a command this comparison does not know');
};

interface Twins {
  readonly client: DynamoDBDocumentClient;
  readonly compared: () => number;
}

/** A client that asks both, one request after the other, fails where they differ, and answers what the engine answered. */
const twins = (engine: DynamoDBDocumentClient, memory: DynamoDBDocumentClient): Twins => {
  let compared = 0;
  let last: Promise<unknown> = Promise.resolve();
  const both = async (command: Parameters<typeof engine.send>[0]): Promise<object> => {
    const { what, input } = deedOf(command);
    Object.assign(input, { ReturnConsumedCapacity: 'INDEXES' });
    const answer = engine.send(command);
    const theirs = await outcomeOf(what, () => answer);
    const ours = await outcomeOf(what, () => memory.send(command));
    expect({ what, input, ...ours }).toEqual({ what, input, ...theirs });
    compared++;
    return answer;
  };
  const send = (command: Parameters<typeof engine.send>[0]): Promise<object> => {
    const answer = last.then(() => both(command));
    last = answer.catch(() => undefined);
    return answer;
  };
  return {
    client: Object.create(DynamoDBDocumentClient.prototype, { send: { value: send } }),
    compared: () => compared,
  };
};

const account = fc.constantFrom('ann', 'bob');
const step = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({ what: fc.constant('hold' as const), account, credits: fc.integer({ min: 1, max: 70 }) }),
  },
  {
    weight: 6,
    arbitrary: fc.record({
      what: fc.constantFrom('settle' as const, 'fail' as const, 'extend' as const, 'refund' as const),
      run: fc.nat(5),
      credits: fc.integer({ min: 0, max: 70 }),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ what: fc.constant('grant' as const), account, credits: fc.integer({ min: 1, max: 50 }) }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      what: fc.constant('plan' as const),
      account,
      planId: fc.constantFrom('free', 'starter', 'pro'),
    }),
  },
  { weight: 1, arbitrary: fc.record({ what: fc.constant('prefer' as const), account, credits: fc.nat(30) }) },
  { weight: 3, arbitrary: fc.record({ what: fc.constant('read' as const), account }) },
  { weight: 2, arbitrary: fc.record({ what: fc.constant('sweep' as const), account }) },
  {
    weight: 4,
    arbitrary: fc.record({
      what: fc.constant('wait' as const),
      ms: fc.constantFrom(1, 60_000, HOUR_MS, 5 * HOUR_MS, DAY_MS),
    }),
  },
);
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

/** What users, agents, support and sweeps do with two accounts. */
export const storeHistory: fc.Arbitrary<readonly Step[]> = fc.array(step, {
  minLength: 30,
  maxLength: 40,
  size: 'max',
});

const readAll = async ({ deps }: World, accountId: string): Promise<void> => {
  for (const kind of [null, 'grant'] as const) {
    await readHistory(deps.table, accountId, { before: null, kind, fromMs: null, toMs: null, limit: 3 });
  }
};

const sweepShard = async ({ deps, nowMs }: World, accountId: string): Promise<void> => {
  for (const dueFor of ['deadlines', 'boundaries'] as const) {
    const { accountIds } = await readDue(deps.table, dueFor, shardOf(accountId), nowMs, 5, null);
    for (const due of accountIds) await touchAccount(deps.table, due, nowMs);
  }
};

const onRun = (world: World, what: 'settle' | 'fail' | 'extend' | 'refund', runId: string, credits: number) => {
  if (what === 'settle') return world.settle(runId, credits);
  if (what === 'fail') return world.fail(runId);
  return what === 'extend' ? world.extend(runId, 60 * credits) : world.refund(runId);
};

const take = async (world: World, step: Step, runs: string[]): Promise<unknown> => {
  switch (step.what) {
    case 'hold': {
      const approved = await world.approve(step.account, await world.quote(step.account, step.credits));
      return isRefusal(approved) ? approved : runs.push(approved.runId);
    }
    case 'settle':
    case 'fail':
    case 'extend':
    case 'refund': {
      const runId = runs.at(-1 - step.run);
      return runId === undefined ? null : onRun(world, step.what, runId, step.credits);
    }
    case 'grant':
      return world.grant(step.account, step.credits);
    case 'plan':
      return world.plan(step.account, step.planId);
    case 'prefer':
      return world.prefer(step.account, { autoApproveUpTo: step.credits });
    case 'read':
      return readAll(world, step.account);
    case 'sweep':
      return sweepShard(world, step.account);
    case 'wait':
      world.nowMs += step.ms;
      return null;
  }
};

export interface Told {
  readonly table: MemoryTable;
  /** Requests both have answered alike. */
  readonly compared: number;
}

/** Tells a history to the doors' logic on the engine and a memory table at once; throws at the first request they differ about. */
export const tellHistory = async (engine: DynamoDBDocumentClient, history: readonly Step[]): Promise<Told> => {
  const world = await World.open(engine);
  const table = creditsTable(world.deps.table.name);
  const { client, compared } = twins(engine, quickClient(endpointOf(table)));
  Object.assign(world, { deps: world.through(client) });
  const runs: string[] = [];
  for (const step of history) await take(world, step, runs);
  return { table, compared: compared() };
};

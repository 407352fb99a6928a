import fc from 'fast-check';
import { DUE_INDEX } from '../../../lib/store/due-accounts.ts';
import {
  attributes,
  condition,
  expressions,
  indexKeyed,
  PARTITIONS,
  projection,
  SORT_KEYS,
  tableKeyed,
  update,
} from './expressions.ts';
import type { Deed } from './stores.ts';

/** A request of whichever table. */
export type DeedOn = (TableName: string) => Deed;

const maybe = <T>(of: fc.Arbitrary<T>, freq = 1) => fc.option(of, { nil: null, freq });
const key = fc.record({ pk: fc.constantFrom(...PARTITIONS), sk: fc.constantFrom(...SORT_KEYS) });
const shown = fc.constantFrom('NONE' as const, 'ALL_OLD' as const);
const updatedShown = fc.constantFrom(
  'NONE' as const,
  'ALL_OLD' as const,
  'ALL_NEW' as const,
  'UPDATED_OLD' as const,
  'UPDATED_NEW' as const,
);
const metered = { ReturnConsumedCapacity: 'INDEXES' } as const;

const puts = fc.tuple(key, attributes, maybe(condition), shown).map(([at, item, when, onFail]) => ({
  Item: { ...item, ...at },
  ...expressions({ ConditionExpression: when }),
  ReturnValuesOnConditionCheckFailure: onFail,
}));
const updates = fc.tuple(key, update, maybe(condition), shown).map(([Key, how, when, onFail]) => ({
  Key,
  UpdateExpression: '',
  ...expressions({ UpdateExpression: how, ConditionExpression: when }),
  ReturnValuesOnConditionCheckFailure: onFail,
}));
const deletes = fc.tuple(key, maybe(condition), shown).map(([Key, when, onFail]) => ({
  Key,
  ...expressions({ ConditionExpression: when }),
  ReturnValuesOnConditionCheckFailure: onFail,
}));
const checks = fc.tuple(key, condition, shown).map(([Key, when, onFail]) => ({
  Key,
  ConditionExpression: '',
  ...expressions({ ConditionExpression: when }),
  ReturnValuesOnConditionCheckFailure: onFail,
}));
const consistent = fc.boolean().map((ConsistentRead) => ({ ConsistentRead }));

const put: fc.Arbitrary<DeedOn> = fc.tuple(puts, shown).map(([write, ReturnValues]) => (TableName) => ({
  what: 'put',
  input: { TableName, ...write, ReturnValues, ...metered },
}));
const updated: fc.Arbitrary<DeedOn> = fc.tuple(updates, updatedShown).map(([write, ReturnValues]) => (TableName) => ({
  what: 'update',
  // What UPDATED_OLD and UPDATED_NEW show of a list's places is documented nowhere.
  input: {
    TableName,
    ...write,
    ReturnValues: write.UpdateExpression.includes('[') ? 'ALL_NEW' : ReturnValues,
    ...metered,
  },
}));
const deleted: fc.Arbitrary<DeedOn> = fc.tuple(deletes, shown).map(([write, ReturnValues]) => (TableName) => ({
  what: 'delete',
  input: { TableName, ...write, ReturnValues, ...metered },
}));
const get: fc.Arbitrary<DeedOn> = fc
  .tuple(key, consistent, maybe(projection))
  .map(([Key, read, kept]) => (TableName) => ({
    what: 'get',
    input: { TableName, Key, ...read, ...expressions({ ProjectionExpression: kept }), ...metered },
  }));
const batch: fc.Arbitrary<DeedOn> = fc
  .tuple(fc.array(key, { minLength: 1, maxLength: 4 }), consistent, maybe(projection))
  .map(([Keys, read, kept]) => (TableName) => ({
    what: 'batch-get',
    input: {
      RequestItems: { [TableName]: { Keys, ...read, ...expressions({ ProjectionExpression: kept }) } },
      ...metered,
    },
  }));
const transactGet: fc.Arbitrary<DeedOn> = fc
  .array(fc.tuple(key, maybe(projection)), { minLength: 1, maxLength: 4 })
  .map((reads) => (TableName) => ({
    what: 'transact-get',
    input: {
      TransactItems: reads.map(([Key, kept]) => ({
        Get: { TableName, Key, ...expressions({ ProjectionExpression: kept }) },
      })),
      ...metered,
    },
  }));
const transactWrite: fc.Arbitrary<DeedOn> = fc
  .array(
    fc.oneof(
      puts.map((Put) => (TableName: string) => ({ Put: { TableName, ...Put } })),
      updates.map((Update) => (TableName: string) => ({ Update: { TableName, ...Update } })),
      deletes.map((Delete) => (TableName: string) => ({ Delete: { TableName, ...Delete } })),
      checks.map((ConditionCheck) => (TableName: string) => ({ ConditionCheck: { TableName, ...ConditionCheck } })),
    ),
    { minLength: 1, maxLength: 3 },
  )
  .map((items) => (TableName) => ({
    what: 'transact-write',
    input: { TransactItems: items.map((each) => each(TableName)), ...metered },
  }));

const paging = fc.record({
  ScanIndexForward: fc.boolean(),
  Limit: fc.constantFrom(undefined, 1, 2, 3, 10),
});
const tableQuery: fc.Arbitrary<DeedOn> = fc
  .tuple(tableKeyed, maybe(condition), maybe(projection), consistent, paging, maybe(key))
  .map(([keys, filter, kept, read, pages, start]) => (TableName) => ({
    what: 'query',
    input: {
      TableName,
      ...expressions({ KeyConditionExpression: keys, FilterExpression: filter, ProjectionExpression: kept }),
      ...read,
      ...pages,
      ...(start === null ? {} : { ExclusiveStartKey: start }),
      ...metered,
    },
  }));
const indexQuery: fc.Arbitrary<DeedOn> = fc
  .constantFrom(...Object.values(DUE_INDEX))
  .chain(({ name, attribute }) =>
    fc.tuple(
      fc.constant({ IndexName: name }),
      indexKeyed(attribute),
      maybe(condition),
      paging,
      maybe(fc.tuple(key, fc.constantFrom('q1', 'q2'), fc.nat(5)).map(([at, q, n]) => ({ ...at, q, [attribute]: n }))),
    ),
  )
  .map(([index, keys, filter, pages, start]) => (TableName) => ({
    what: 'query',
    input: {
      TableName,
      ...index,
      ...expressions({ KeyConditionExpression: keys, FilterExpression: filter }),
      ...pages,
      ...(start === null ? {} : { ExclusiveStartKey: start }),
      ...metered,
    },
  }));

/** Random requests of everything the memory table knows, over a few attributes and ten keys. */
export const genericDeeds: fc.Arbitrary<readonly DeedOn[]> = fc.array(
  fc.oneof(
    { weight: 4, arbitrary: put },
    { weight: 8, arbitrary: updated },
    { weight: 1, arbitrary: deleted },
    { weight: 1, arbitrary: get },
    { weight: 1, arbitrary: batch },
    { weight: 4, arbitrary: transactWrite },
    { weight: 1, arbitrary: transactGet },
    { weight: 3, arbitrary: tableQuery },
    { weight: 3, arbitrary: indexQuery },
  ),
  { minLength: 20, maxLength: 40, size: 'max' },
);

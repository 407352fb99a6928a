import { DeleteCommand, GetCommand, PutCommand, QueryCommand } from '@aws-sdk/lib-dynamodb';
import * as z from 'zod/mini';
import { DAY_MS, MINUTE_MS } from '../../lib/domain/time.ts';
import { historyPartition } from '../../lib/store/keys.ts';
import { granted } from '../world.ts';
import { type AuditWorld, openAuditWorld } from './audit-world.ts';

type Item = Record<string, unknown>;
const itemOf = z.record(z.string(), z.unknown());

/** The table behind everybody's back. */
const back = ({ table }: AuditWorld) => {
  const read = async (Key: Record<string, string>): Promise<Item> =>
    itemOf.parse((await table.client.send(new GetCommand({ TableName: table.name, Key }))).Item);
  const write = (Item: Item) => table.client.send(new PutCommand({ TableName: table.name, Item }));
  return {
    read,
    write,
    change: async (key: Record<string, string>, change: (item: Item) => Item) => write(change(await read(key))),
    remove: (Key: Record<string, string>) => table.client.send(new DeleteCommand({ TableName: table.name, Key })),
    lines: async (accountId: string): Promise<readonly Item[]> => {
      const { Items } = await table.client.send(
        new QueryCommand({
          TableName: table.name,
          KeyConditionExpression: 'pk = :pk',
          ExpressionAttributeValues: { ':pk': historyPartition(accountId) },
        }),
      );
      return Items ?? [];
    },
  };
};

/** Ann spent free credits and bought a pack of which some went back; Bob is an honest man. */
export const story = async () => {
  const audited = await openAuditWorld();
  const { world } = audited;
  const later = () => {
    world.nowMs += MINUTE_MS;
  };
  const settled = await world.hold('ann', 12);
  granted(await world.settle(settled.runId, 5));
  const failed = await world.hold('ann', 20);
  granted(await world.fail(failed.runId));
  later();
  const pack = await audited.buyPack('ann');
  later();
  const large = await world.hold('ann', 100);
  granted(await world.settle(large.runId, 90));
  later();
  await audited.refund(pack, 100);
  world.nowMs += DAY_MS;
  await world.hold('ann', 30);
  granted(await world.settle((await world.hold('bob', 10)).runId, 10));
  granted(await world.refund(settled.runId));
  const uuid = (run: { readonly runId: string }) => run.runId.slice(0, 36);
  const tampering = back(audited);
  const places = new Map(
    (await tampering.lines('ann')).map((line) => [`${line['kind']}:${line['reason']}`, String(line['sk'])]),
  );
  const place = (name: string): string => {
    const found = places.get(name);
    if (found === undefined) throw new Error(`no line ${name} among ${[...places.keys()].join(', ')}`);
    return found;
  };
  return {
    audited,
    world,
    pack,
    place,
    ...tampering,
    runs: { settled: uuid(settled), large: uuid(large) },
  };
};
export type Story = Awaited<ReturnType<typeof story>>;

export const numbered = z.object({ g: z.record(z.string(), z.looseObject({ r: z.int(), s: z.int() })), c: z.int() });
export const withGrants = (item: Item, change: (grant: { r: number; s: number }, id: string) => object): Item => {
  const { g } = numbered.parse(item);
  return { ...item, g: Object.fromEntries(Object.entries(g).map(([id, grant]) => [id, change(grant, id)])) };
};
export const parts = z.array(z.looseObject({ charged: z.int(), held: z.int() }));
const changes = z.array(z.looseObject({ credits: z.int(), grantId: z.int() }));
export const withChanges = (item: Item, change: (each: { credits: number }) => object): Item => ({
  ...item,
  changes: changes.parse(item['changes']).map(change),
});

import { QueryCommand } from '@aws-sdk/lib-dynamodb';
import * as z from 'zod/mini';
import { eventsOfLine } from '../../lib/domain/credits-event.ts';
import { uuidTimePrefix } from '../../lib/domain/run-id.ts';
import { DAY_MS, nextMidnightMs } from '../../lib/domain/time.ts';
import { lineFromRow } from '../../lib/store/history-row.ts';
import { historyPartition } from '../../lib/store/keys.ts';
import { ofType, readTemplate, type Template } from '../../local/template.ts';
import type { Bench } from '../engine.ts';
import { itemBytes } from '../item-size.ts';
import { isWrite, Meter } from '../meter.ts';
import { Product } from '../product.ts';
import { ASSUMED_COST } from './assumed.ts';

/** What a run does, as the engine and the synthesized stack say it. */
export interface CountedRun {
  readonly writeUnits: number;
  readonly readUnits: number;
  /** Write requests, each a record of the stream and, once a day, a few. */
  readonly writes: number;
  /** Bytes that stay for good: its record, and its part of the day's other lines. */
  readonly storedBytes: number;
  readonly events: number;
  /** A line of the access log, with its variables filled in as assumed. */
  readonly accessLogBytes: number;
}

/** What a stage has, used or not. */
export interface CountedStage {
  readonly secrets: number;
  readonly alarms: number;
  readonly dashboards: number;
  /** KMS keys of its own. */
  readonly keys: number;
  /** Clients that get their tokens by client credentials. */
  readonly machineClients: number;
}

/** DynamoDB bills this much beside an item: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/CapacityUnitCalculations.html */
const ITEM_OVERHEAD_BYTES = 100;

const CREDITS = 4;
const COST = 1;

const accessLogBytes = (template: Template): number => {
  const stage = z.object({ AccessLogSettings: z.object({ Format: z.string() }) });
  const [, { Properties }] = ofType(template, 'AWS::ApiGatewayV2::Stage')[0] ?? ['', { Properties: {} }];
  const { Format: format } = stage.parse(Properties).AccessLogSettings;
  const variables = format.match(/\$context(\.\w+)+/g) ?? [];
  const fixed = format.length - variables.join('').length;
  return fixed + variables.length * ASSUMED_COST.accessLogBytesOfVariable;
};

/** What a day's runs tell and leave: a hold is told by itself, all else by its line of history. */
const linesOfDay = async (product: Product, accountId: string, fromMs: number) => {
  const { table } = product.deps;
  const { Items = [] } = await table.client.send(
    new QueryCommand({
      TableName: table.name,
      KeyConditionExpression: 'pk = :pk AND sk >= :from',
      ExpressionAttributeValues: { ':pk': historyPartition(accountId), ':from': uuidTimePrefix(fromMs) },
    }),
  );
  const lines = Items.map(lineFromRow);
  const holds = lines.filter(({ line }) => line === 'run').length;
  return {
    events: holds + lines.reduce((sum, line) => sum + eventsOfLine(accountId, line).length, 0),
    storedBytes: Items.reduce((sum, item) => sum + itemBytes(item) + ITEM_OVERHEAD_BYTES, 0),
  };
};

/** The second of two same days of an account: estimate, approval and settle with the receipt, spread evenly, midnight among them. */
export const countRun = async (bench: Bench): Promise<CountedRun> => {
  const own = await bench.openStackTable();
  const meter = new Meter(own.client);
  const product = Product.open(own);
  const runs = ASSUMED_COST.runsOfAccountADay;
  const accountId = '5f1c2d34-9a7b-4c8d-8e6f-000000000001';
  await product.openAccount(accountId, 'pro');
  const startMs = nextMidnightMs(product.nowMs);
  const day = async (at: number) => {
    for (let run = 0; run < runs; run++) {
      product.nowMs = startMs + at * DAY_MS + Math.floor(((run + 0.5) * DAY_MS) / runs);
      await product.settle(await product.hold(accountId, CREDITS), COST);
    }
  };
  await day(0);
  const { spent } = await meter.of(() => day(1));
  const { events, storedBytes } = await linesOfDay(product, accountId, startMs + DAY_MS);
  const template = readTemplate(await bench.synthesize());
  return {
    writeUnits: spent.writeUnits / runs,
    readUnits: spent.readUnits / runs,
    writes: spent.requests.filter(isWrite).length / runs,
    storedBytes: storedBytes / runs,
    events: events / runs,
    accessLogBytes: accessLogBytes(template),
  };
};

const client = z.object({ AllowedOAuthFlows: z.optional(z.array(z.string())) });

export const countStage = async (bench: Bench): Promise<CountedStage> => {
  const template = readTemplate(await bench.synthesize());
  const count = (type: string) => ofType(template, type).length;
  return {
    secrets: count('AWS::SecretsManager::Secret'),
    alarms: count('AWS::CloudWatch::Alarm'),
    dashboards: count('AWS::CloudWatch::Dashboard'),
    keys: count('AWS::KMS::Key'),
    machineClients: ofType(template, 'AWS::Cognito::UserPoolClient').filter(([, { Properties }]) =>
      client.parse(Properties).AllowedOAuthFlows?.includes('client_credentials'),
    ).length,
  };
};

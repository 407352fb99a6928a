import type { Spent } from './meter.ts';

/**
 * DynamoDB on demand, Standard table class, us-east-1, in dollars per million request units: in force since 2024-11-01, looked up
 * 2026-11-22 in pages that quote it. https://aws.amazon.com/dynamodb/pricing/on-demand/
 */
export const PRICES = { write: 0.625, read: 0.125, region: 'us-east-1', since: '2024-11-01', lookedUp: '2026-11-22' };

/** Dollars per million runs that each write and read so many units. */
export const writeDollars = ({ writeUnits }: Pick<Spent, 'writeUnits'>): number => writeUnits * PRICES.write;
export const readDollars = ({ readUnits }: Pick<Spent, 'readUnits'>): number => readUnits * PRICES.read;

/** To the cent, as the bar is written: three write units are $1.875, which is $1.88. */
export const dollars = (amount: number): string => `$${(Math.round(amount * 100) / 100).toFixed(2)}`;

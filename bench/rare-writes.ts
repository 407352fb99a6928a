import { DAY_MS, HOUR_MS, nextMidnightMs } from '../lib/domain/time.ts';
import type { Bench } from './engine.ts';
import { exact, type Figure, type Section, shownSpent, told, within } from './figure.ts';
import { Meter, type Spent } from './meter.ts';
import { dollars, writeDollars } from './prices.ts';
import { accepted, Product } from './product.ts';

const CREDITS = 4;
const COST = 1;

/** What an approval costs; the run is settled, so that it leaves nothing to be done. */
const approved = async (product: Product, meter: Meter, accountId: string): Promise<Spent> => {
  const estimateId = await product.quote(accountId, CREDITS);
  const { result, spent } = await meter.of(async () => accepted(await product.approve(accountId, estimateId)));
  await product.settle(result, COST);
  return spent;
};

const oneRun = async (product: Product, accountId: string): Promise<void> => {
  await product.settle(await product.hold(accountId, CREDITS), COST);
};

interface UnitsOfRun {
  readonly writeUnits: number;
  /** Those of them that the table's indexes took. */
  readonly indexUnits: number;
}

/** Write units of one run, on the average of a day's, spread evenly over it; the day before was the same. */
const unitsOnDay = async (product: Product, meter: Meter, runs: number): Promise<UnitsOfRun> => {
  const accountId = `regular-${runs}`;
  await product.openAccount(accountId, 'pro');
  const startMs = nextMidnightMs(product.nowMs);
  const day = async (at: number) => {
    for (let run = 0; run < runs; run++) {
      product.nowMs = startMs + at * DAY_MS + Math.floor(((run + 0.5) * DAY_MS) / runs);
      await oneRun(product, accountId);
    }
  };
  await day(0);
  const { spent } = await meter.of(() => day(1));
  return { writeUnits: spent.writeUnits / runs, indexUnits: spent.indexUnits / runs };
};

/** What the hot path leaves to now and then, and what that comes to. */
export const rareWrites = async (bench: Bench): Promise<Section> => {
  const own = await bench.openStackTable();
  const meter = new Meter(own.client);
  const product = Product.open(own);
  const first = await approved(product, meter, 'newcomer');
  for (const accountId of ['idle', 'spender', 'poor']) await product.openAccount(accountId, 'free');
  await oneRun(product, 'spender');
  for (let at = 0; at < 8; at++) await product.hold('poor', CREDITS);
  const tooMuch = await product.quote('poor', 2 * 8 * CREDITS);
  const refused = (await meter.of(() => product.approve('poor', tooMuch))).spent;
  product.nowMs += 2 * HOUR_MS;
  const nextHour = await approved(product, meter, 'spender');
  product.nowMs += DAY_MS;
  const idle = await approved(product, meter, 'idle');
  const spender = await approved(product, meter, 'spender');
  const figures: Figure[] = [
    exact('approve: the first in an hour', '1 / 1 / 0', shownSpent(nextHour), '1 / 4 / 0', within(nextHour, 1, 1, 0)),
    told('approve: the first of a day, nothing drawn the day before', shownSpent(idle)),
    told('approve: the first of a day, free credits drawn the day before', shownSpent(spender)),
    told('approve: the very first of an account, which writes it', shownSpent(first)),
    told('approve: refused for want of credits beside 8 live holds', shownSpent(refused)),
  ];
  for (const runs of [1, 10, 100]) {
    const { writeUnits, indexUnits } = await unitsOnDay(product, meter, runs);
    figures.push(
      told(
        `write units of a run, those of indexes among them; ${runs} a day spread evenly`,
        `${writeUnits.toFixed(2)}, ${indexUnits.toFixed(2)} (${dollars(writeDollars({ writeUnits }))} a million)`,
        `8 (${dollars(writeDollars({ writeUnits: 8 }))})`,
      ),
    );
  }
  return {
    title: 'Now and then: round trips / write units / read units',
    figures,
    notes: [
      'What time has done to an account is written by whoever touches it next: once a day, in a transaction, if it spent anything. The table’s due indexes are written where what an account is due for changes; their units are in every figure. The comparison has neither: no due index, no reset.',
    ],
  };
};

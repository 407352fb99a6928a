import { balanceOf } from '../lib/domain/balance.ts';
import { planOrFree } from '../lib/domain/catalog.ts';
import { nextMidnightMs } from '../lib/domain/time.ts';
import { viewAccount } from '../lib/store/account-view.ts';
import { touchAccount } from '../lib/store/change-account.ts';
import type { Bench } from './engine.ts';
import { exact, integer, type Section, told } from './figure.ts';
import { isWrite, Meter } from './meter.ts';
import { NOON, Product } from './product.ts';

const WORKERS = 16;
/** One account in so many has spent free credits before midnight. */
const SPENDER_EVERY = 10;

const inParallel = async (count: number, work: (at: number) => Promise<void>): Promise<void> => {
  let next = 0;
  const worker = async () => {
    while (next < count) await work(next++);
  };
  await Promise.all(Array.from({ length: WORKERS }, worker));
};

/** Of every so-manieth account those whose free credits or counted runs at that instant are not those of a fresh day. */
const usedAt = async (product: Product, accounts: number, every: number, nowMs: number): Promise<number> => {
  const { deps } = product;
  const allowance = planOrFree(deps.catalog, 'free').dailyFreeCredits;
  let used = 0;
  await inParallel(Math.ceil(accounts / every), async (at) => {
    const { account } = await viewAccount(deps.table, `account-${at * every}`, nowMs);
    const { available, runsToday } = balanceOf(account, nowMs);
    if (available !== allowance || runsToday.used !== 0) used++;
  });
  return used;
};

export const midnight = async (bench: Bench, accounts: number): Promise<Section> => {
  const own = await bench.openStackTable();
  const meter = new Meter(own.client);
  const product = Product.open(own);
  const midnightMs = nextMidnightMs(NOON);
  await inParallel(accounts, async (at) => {
    await touchAccount(product.deps.table, `account-${at}`, NOON);
    if (at % SPENDER_EVERY === 0) await product.settle(await product.hold(`account-${at}`, 10), 10);
  });
  const spenders = Math.ceil(accounts / SPENDER_EVERY);
  const before = await usedAt(product, accounts, SPENDER_EVERY, midnightMs - 1);
  const { result: after, spent } = await meter.of(() => usedAt(product, accounts, 1, midnightMs));
  const writes = spent.requests.filter(isWrite).length;
  return {
    title: `Midnight for ${integer(accounts)} accounts, no sweep`,
    figures: [
      exact(
        'accounts that show what was spent at 23:59:59.999 / 00:00:00.000',
        `${spenders} / 0`,
        `${before} / ${after}`,
        '',
        before === spenders && after === 0,
      ),
      exact('writes', '0', `${writes}`, integer(accounts), writes === 0),
      told('read units to see one account', `${spent.readUnits / accounts}`),
    ],
    notes: [
      `One account in ${SPENDER_EVERY} had spent free credits that day. The comparison is a sweep that rewrites every account. This is the small form of the figure; 100,000 accounts, those that must be written and the sweep that tidies them are measured by \`bench:time\`.`,
    ],
  };
};

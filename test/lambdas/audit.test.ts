import { describe, expect, test } from 'vitest';
import { accountKey, historyKey, paymentKey, purchaseKey } from '../../lib/store/keys.ts';
import { numbered, parts, type Story, story, withChanges, withGrants } from './audit-tampering.ts';

const ann = accountKey('ann');
const PACK = 'grant:pack_purchased';

/** What somebody with a hand on the table does, and which line is named. */
const TAMPERED: readonly {
  readonly name: string;
  readonly tamper: (story: Story) => Promise<unknown>;
  readonly line: (story: Story) => string | null;
  readonly says: RegExp;
}[] = [
  {
    name: 'a grant of the account has more left than its history tells: the last line that changed it',
    tamper: ({ change }) =>
      change(ann, (item) => withGrants(item, (grant) => (grant.s === 500 ? { ...grant, r: grant.r + 7 } : grant))),
    line: ({ place }) => place('clawback:payment_refunded'),
    says: /grant \d+: the account has \d+, its history tells \d+/,
  },
  {
    name: 'a grant of the account is larger than what was given',
    tamper: ({ change }) =>
      change(ann, (item) => withGrants(item, (grant) => (grant.s === 500 ? { ...grant, s: 600 } : grant))),
    line: ({ place }) => place('clawback:payment_refunded'),
    says: /granted 600, its history tells 500/,
  },
  {
    name: 'the account forgets a run it counted',
    tamper: ({ change }) => change(ann, (item) => ({ ...item, c: numbered.parse(item).c + 1 })),
    line: () => null,
    says: /R8: 2 runs are counted .*tells 1/,
  },
  {
    name: 'the account cannot be read',
    tamper: ({ change }) => change(ann, (item) => withGrants(item, (grant) => ({ ...grant, r: -3 }))),
    line: () => null,
    says: /cannot be read: g\.\d+\.r/,
  },
  {
    name: 'the account is gone',
    tamper: ({ remove }) => remove(ann),
    line: ({ place }) => place('refund:goodwill'),
    says: /a history without an account/,
  },
  {
    name: 'an entry gives more than its grant',
    tamper: ({ change, place }) =>
      change(historyKey('ann', place(PACK)), (item) =>
        withChanges(item, (each) => ({ ...each, credits: each.credits + 1 })),
      ),
    line: ({ place }) => place(PACK),
    says: /its history tells \d+/,
  },
  {
    name: 'an entry takes less than it took',
    tamper: ({ change, place }) =>
      change(historyKey('ann', place('clawback:payment_refunded')), (item) =>
        withChanges(item, (each) => ({ ...each, credits: -99 })),
      ),
    line: ({ place }) => place('clawback:payment_refunded'),
    says: /the account has \d+, its history tells \d+/,
  },
  {
    name: 'an entry is no entry',
    tamper: ({ change, place }) => change(historyKey('ann', place(PACK)), (item) => ({ ...item, changes: 'none' })),
    line: ({ place }) => place(PACK),
    says: /cannot be read: changes/,
  },
  {
    name: 'an entry is missing: the first line that needs it',
    tamper: ({ remove, place }) => remove(historyKey('ann', place(PACK))),
    line: ({ runs }) => runs.large,
    says: /drawn on, and no line has begun it/,
  },
  {
    name: 'the last entry of a grant is missing: the one before',
    tamper: ({ remove, place }) => remove(historyKey('ann', place('clawback:payment_refunded'))),
    line: ({ runs }) => runs.large,
    says: /the account has \d+, its history tells \d+/,
  },
  {
    name: 'an entry is there twice, as it is',
    tamper: async ({ read, write, place }) =>
      write({ ...(await read(historyKey('ann', place(PACK)))), sk: place(PACK).replace('-e0', '-e1') }),
    line: ({ place }) => place(PACK).replace('-e0', '-e1'),
    says: /its own place is/,
  },
  {
    name: 'an entry is there twice, under a number of its own',
    tamper: async ({ read, write, place }) =>
      write({
        ...(await read(historyKey('ann', place(PACK)))),
        ordinal: 255,
        sk: place(PACK).replace(/e[0-9a-f]{8}$/, 'e000000ff'),
      }),
    line: ({ place }) => place(PACK).replace(/e[0-9a-f]{8}$/, 'e000000ff'),
    says: /begun a second time/,
  },
  {
    name: 'a record is charged less than it cost',
    tamper: ({ change, runs }) =>
      change(historyKey('ann', runs.settled), (item) => ({
        ...item,
        parts: parts.parse(item['parts']).map((part) => ({ ...part, charged: 3 })),
      })),
    line: ({ runs }) => runs.settled,
    says: /R9: cost 5, charged 3 and absorbed 0/,
  },
  {
    name: 'a record is charged more than it held',
    tamper: ({ change, runs }) =>
      change(historyKey('ann', runs.settled), (item) => ({
        ...item,
        cost: 13,
        parts: parts.parse(item['parts']).map((part) => ({ ...part, charged: 13 })),
      })),
    line: ({ runs }) => runs.settled,
    says: /I4: charged more than it held/,
  },
  {
    name: 'a record is missing: credits that nothing spent',
    tamper: ({ remove, runs }) => remove(historyKey('ann', runs.large)),
    line: ({ place }) => place('clawback:payment_refunded'),
    says: /the account has \d+, its history tells \d+/,
  },
  {
    name: 'a refund is in the record and in no line',
    tamper: ({ remove, place }) => remove(historyKey('ann', place('refund:goodwill'))),
    line: ({ runs }) => runs.settled,
    says: /R29: refunded without a line/,
  },
  {
    name: 'the purchase is for more credits than its grant',
    tamper: ({ change }) => change(purchaseKey('pack:order-1'), (item) => ({ ...item, credits: 550 })),
    line: ({ place }) => place(PACK),
    says: /I5: pack:order-1 is for 550 in grant \d+, the line gave 500/,
  },
  {
    name: 'the purchase’s money went back, and its credits did not',
    tamper: ({ change }) =>
      change(purchaseKey('pack:order-1'), (item) => ({
        ...item,
        payments: { pi_1: { amount: 500, refunds: {}, charge: null, disputes: {} } },
      })),
    line: ({ place }) => place('clawback:payment_refunded'),
    says: /R20: pack:order-1: 100 taken back and 0 owed of grant \d+, by its money it is 0/,
  },
  {
    name: 'a purchase that gave nothing: the last line there is',
    tamper: async ({ read, write }) => {
      const item = await read(purchaseKey('pack:order-1'));
      await write({ ...item, ...purchaseKey('pack:order-9'), key: 'pack:order-9', payments: {} });
    },
    line: ({ place }) => place('refund:goodwill'),
    says: /I5: pack:order-9 was paid and gave no grant/,
  },
  {
    name: 'credits of a payment nobody knows',
    tamper: ({ remove }) => remove(paymentKey('pi_1')),
    line: ({ place }) => place(PACK),
    says: /I5: credits for pi_1, of which no purchase is known/,
  },
];

describe('somebody has had a hand on the table', () => {
  test('nothing is found before', async () => {
    const { audited } = await story();
    const { found, failed, all } = await audited.auditAll();
    expect({ found, failed }).toEqual({ found: [], failed: [] });
    expect(all).toMatchObject([{ accounts: 2, purchases: 1, drift: 0, left: 0, complete: true }]);
  });

  test.each(TAMPERED)('$name', async ({ tamper, line, says }) => {
    const told = await story();
    await tamper(told);
    const { found, failed } = await told.audited.auditAll();
    expect(failed).toEqual([]);
    expect(new Set(found.map(({ accountId }) => accountId))).toEqual(new Set(['ann']));
    const report = found.find(({ faults }) => faults.some(({ what }) => says.test(what)));
    const [first] = report?.faults ?? [];
    expect(first?.what ?? found).toMatch(says);
    expect(first?.place).toBe(line(told));
  });
});

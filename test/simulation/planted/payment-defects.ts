// biome-ignore-all lint/suspicious/noTemplateCurlyInString: texts of sources, as they stand there
import type { Defect } from './defect.ts';

const BOUNDARY = 'lib/domain/boundary.ts';
const PERIOD = 'lib/payments/apply-period.ts';
const PURCHASE = 'lib/domain/purchase.ts';
const TAKE_BACK = 'lib/domain/take-back.ts';

/** What goes wrong with payments, and with money that goes back. */
export const PAYMENT_DEFECTS: readonly Defect[] = [
  {
    name: 'payment: deduped by delivery',
    story: 'a webhook delivered twice grants twice (anomalyco/opencode#28402, pollinations/pollinations#10621)',
    edits: [
      {
        file: 'lib/payments/apply-pack.ts',
        find: 'const key = `pack:${order.id}`;',
        put: 'const key = `pack:${order.id}:${deps.now()}`;',
      },
      {
        file: 'lib/store/purchase-row.ts',
        find: "'attribute_not_exists(pk) OR #key = :key'",
        put: "'attribute_not_exists(pk) OR #key <> :key OR #key = :key'",
      },
    ],
  },
  {
    name: 'payment: deduped by invoice',
    story: 'two invoices for one period grant twice (masumi-network/sokosumi#3120)',
    edits: [
      {
        file: PERIOD,
        find: 'const key = periodKey(paid);',
        put: 'const key = `period:${paid.subscriptionId}:${paid.paymentId}`;',
      },
    ],
  },
  {
    name: 'payment: granted without a mark',
    story: 'two handlers at once: looked up, not found, granted, both (pollinations/pollinations#11522)',
    edits: [
      {
        file: 'lib/payments/apply-pack.ts',
        find: '    if ((await readPurchase(deps.table, key)) !== null) return null;\n',
        put: '',
      },
      {
        file: 'lib/store/purchase-row.ts',
        find: '? { ConditionExpression: ifNew }',
        put: "? { ConditionExpression: 'attribute_exists(pk) OR attribute_not_exists(pk)' }",
      },
    ],
  },
  {
    name: 'payment: noted, not granted',
    story: 'paid, never credited: the mark is committed, the grant is not (helixml/helix#3240)',
    edits: [
      {
        file: 'lib/payments/change-paid.ts',
        find: 'account: due.account,\n      entries: [...change.entries, ...due.entries],',
        put: 'account,\n      entries: [],',
      },
    ],
  },
  {
    name: 'refund: counted twice',
    story: 'a refund is told of by itself and by its charge’s total, and counts twice (R20)',
    edits: [
      {
        file: PURCHASE,
        find: 'Math.max(amounts(all), byCharge) - amounts(failed)',
        put: 'amounts(all) + byCharge - amounts(failed)',
      },
    ],
  },
  {
    name: 'refund: failed, and taken all the same',
    story: 'a refund that never left takes credits for good (R20)',
    edits: [
      {
        file: PURCHASE,
        find: 'Math.max(amounts(all), byCharge) - amounts(failed)',
        put: 'Math.max(amounts(all), byCharge)',
      },
    ],
  },
  {
    name: 'refund: credits kept',
    story: 'credits kept after a refund (elizaOS/eliza#10920)',
    edits: [
      {
        file: TAKE_BACK,
        find: 'if (share.frozen || share.out >= share.paid) return granted;',
        put: 'if (share.frozen) return granted;\n  if (share.out >= share.paid) return 0;',
      },
    ],
  },
  {
    name: 'refund: money taken for credits',
    story: '500 credits restored as 10, units mixed (elizaOS/eliza#31449)',
    edits: [
      {
        file: TAKE_BACK,
        find: 'return Number((BigInt(granted) * BigInt(share.out)) / BigInt(share.paid));',
        put: 'return Math.min(granted, share.out);',
      },
    ],
  },
  {
    name: 'refund: from another grant',
    story: 'another purchase’s credits are taken (R20)',
    edits: [
      {
        file: TAKE_BACK,
        find: 'account.grants.find((each) => each.id === grantId);',
        put: "account.grants.find((each) => each.kind === 'pack') ?? account.grants.find((each) => each.id === grantId);",
      },
    ],
  },
  {
    name: 'refund: owed and forgotten',
    story: 'credits held while their money went back come back to the account (R20)',
    edits: [{ file: 'lib/domain/give-back.ts', find: 'const gone = Math.min(owed, credits);', put: 'const gone = 0;' }],
  },
  {
    name: 'refund: owed, and released all the same',
    story: 'the release that reads nothing does not see that a grant owes (R20)',
    edits: [
      {
        file: 'lib/store/account-row.ts',
        find: 'x: closed ? 0 : expiresAtMs,',
        put: 'x: closed && owed === 0 ? 0 : expiresAtMs,',
      },
    ],
  },
  {
    name: 'refund: order matters',
    story: 'a charge’s total said before a later one counts as the last word (R20; laravel/cashier-stripe#1201)',
    edits: [
      {
        file: PURCHASE,
        find: 'charge !== null && (asOfMs < charge.asOfMs || (asOfMs === charge.asOfMs && refunded < charge.refunded))',
        put: 'charge !== null && asOfMs < 0',
      },
    ],
  },
  {
    name: 'dispute: won, not restored',
    story: 'a won dispute still clawed (elizaOS/eliza#10997)',
    edits: [
      { file: PURCHASE, find: "some(({ state }) => state === 'open')", put: "some(({ state }) => state !== 'lost')" },
    ],
  },
  {
    name: 'dispute: won, restored twice',
    story: 'what comes back comes back double (R20)',
    edits: [
      {
        file: TAKE_BACK,
        find: '(isAlive(grant, atMs) ? returned : 0)',
        put: '(isAlive(grant, atMs) ? 2 * returned : 0)',
      },
    ],
  },
  {
    name: 'dispute: lost counts for nothing',
    story: 'a lost dispute gives its credits back (R20)',
    edits: [
      {
        file: PURCHASE,
        find: "filter(({ state }) => state === 'lost')",
        put: "filter(({ state }) => state === 'open')",
      },
    ],
  },
  {
    name: 'dispute: opened again',
    story: 'the opening is told of after the end, and freezes the grant for good (R20)',
    edits: [
      {
        file: PURCHASE,
        find: 'known !== undefined && (heard.asOfMs < known.asOfMs || ',
        put: 'known !== undefined && (heard.asOfMs < 0 || ',
      },
    ],
  },
  {
    name: 'subscription: grace forgotten',
    story: 'the old credits end with the period, before the next can have been paid (R13)',
    edits: [
      { file: BOUNDARY, find: 'return cycle.paid.renews\n', put: 'return cycle.paid.renews && account.ver < 0\n' },
    ],
  },
  {
    name: 'subscription: grace for ever',
    story: 'a period that nobody has paid goes on (R13, R19)',
    edits: [
      {
        file: BOUNDARY,
        find: 'catalog.subscription.graceHours * HOUR_MS',
        put: 'catalog.subscription.graceHours * 1000 * HOUR_MS',
      },
    ],
  },
  {
    name: 'subscription: a year at once',
    story: 'a yearly plan granted the whole year at once (polarsource/polar#7103)',
    edits: [
      {
        file: 'lib/domain/subscription.ts',
        find: "const size = { kind: 'subscription', granted: plan.creditsPerCycle, expiresAtMs } as const;",
        put: `const months = Math.max(1, Math.round((period.endMs - period.startMs) / (30.4 * DAY_MS)));
  const size = { kind: 'subscription', granted: months * plan.creditsPerCycle, expiresAtMs } as const;`,
      },
    ],
  },
  {
    name: 'subscription: rolls over',
    story: 'what is left of the month before stays beside the next (R13)',
    edits: [
      {
        file: 'lib/domain/subscription.ts',
        find: 'endGrants(planned.account, runningGrants(account), nowMs)',
        put: 'endGrants(planned.account, runningGrants(account).slice(1), nowMs)',
      },
    ],
  },
  {
    name: 'subscription: ended at once',
    story: 'a cancelled subscription takes what is paid for away (R18)',
    edits: [
      {
        file: 'lib/domain/subscription.ts',
        find: 'if (paid.graceUntilMs === null)\n    return { account: setRenewal(account, { renews: false, nextPlanId: null }), entries: [] };\n',
        put: '',
      },
    ],
  },
  {
    name: 'subscription: the last word is the last heard',
    story: 'events out of order: an older state of a subscription stands (getlago/lago-api#5708)',
    edits: [
      {
        file: 'lib/domain/billing.ts',
        find: "return heard.asOfMs > known.asOfMs ? 'take' : 'leave';",
        put: "return heard.asOfMs >= 0 ? 'take' : 'leave';",
      },
    ],
  },
  {
    name: 'subscription: two checkouts',
    story: 'two open checkouts, two subscriptions, both paid for (polarsource/polar#6134)',
    edits: [{ file: PERIOD, find: "return 'duplicate';", put: 'return other.subscription;' }],
  },
  {
    name: 'subscription: undone, and granted later',
    story: 'what was ended and paid back is told again when no other lives any more, and granted (R17, R21)',
    edits: [
      { file: PERIOD, find: "'undone', subscriptionId)) !== undefined", put: "'undone', subscriptionId)) === null" },
      {
        file: PERIOD,
        find: 'rows: [undoneRow(accountId, undone)]',
        put: 'rows: undone.atMs < 0 ? [undoneRow(accountId, undone)] : []',
      },
    ],
  },
  {
    name: 'subscription: unpaid for ever',
    story: 'Stripe is set to mark what it gives up on as unpaid, and the plan stays (R19)',
    edits: [{ file: 'lib/domain/billing.ts', find: "'incomplete_expired', 'unpaid']", put: "'incomplete_expired']" }],
  },
];

// biome-ignore-all lint/suspicious/noTemplateCurlyInString: texts of sources, as they stand there
import type { Defect } from './defect.ts';

const PLACE = 'lib/store/place-hold.ts';

/** What one write leaves out when it places a hold. A condition is weakened, not cut: DynamoDB refuses a value that nothing uses. */
export const HOLD_DEFECTS: readonly Defect[] = [
  {
    name: 'hold: not enough',
    story:
      'N runs at once for the price of one (elizaOS/eliza#10857, BerriAI/litellm#34732): the grant is not looked at',
    edits: [
      {
        file: PLACE,
        find: "`g.#g${at}.r ${draw.exact ? '=' : '>='} :g${at}`",
        put: '`(g.#g${at}.r >= :g${at} OR attribute_exists(v))`',
      },
    ],
  },
  {
    name: 'hold: what may come back is unseen',
    story: 'a grant emptied by a hold gets some of it back, and a hold planned before draws on a later one (R5)',
    edits: [{ file: 'lib/domain/draw.ts', find: ' || isDrawnOn(account, grant.id)', put: '' }],
  },
  {
    name: 'hold: emptied is not exact',
    story: 'a grant meant to be emptied has got credits back meanwhile: those that end sooner are passed over (R5)',
    edits: [{ file: PLACE, find: "${draw.exact ? '=' : '>='}", put: '>=' }],
  },
  {
    name: 'hold: past a boundary',
    story: 'spendable until the 06:23 sweep (managoat/fountain#1126): `u > :now` is missing',
    edits: [{ file: PLACE, find: 'n = :n AND u > :now AND', put: 'n = :n AND v < :now AND' }],
  },
  {
    name: 'hold: reset on read only',
    story: 'the read shows a new day, the write still spends the old one (vm0-ai/vm0#10299)',
    edits: [
      { file: PLACE, find: 'n = :n AND u > :now AND d = :day', put: 'n = :n AND v < :now AND d <= :day' },
      { file: 'lib/domain/hold-plan.ts', find: 'nowMs < account.validUntilMs && ', put: '' },
    ],
  },
  {
    name: 'hold: grants have changed',
    story: 'a grant came or changed its end since the draws were chosen: `n = :n` is missing (R5)',
    edits: [{ file: PLACE, find: 'n = :n AND', put: 'n >= :n AND' }],
  },
  {
    name: 'hold: another day',
    story: 'a host a little behind holds in a day that is over, another one has begun: `d = :day` is missing (R8)',
    edits: [{ file: PLACE, find: 'd = :day', put: 'd >= :day' }],
  },
  {
    name: 'hold: run limit',
    story: 'the daily limit is looked at before, not in the write: parallel runs pass it (R8)',
    edits: [{ file: PLACE, find: '(attribute_not_exists(l) OR c < l)', put: 'attribute_exists(c)' }],
  },
  {
    name: 'hold: not counted',
    story: 'runs are held without being counted (R8)',
    edits: [{ file: PLACE, find: 'h.#run = :hold, c = c + :one, ', put: 'h.#run = :hold, ' }],
  },
  {
    name: 'hold: twice',
    story: 'the same approval twice at once holds twice (R6)',
    edits: [
      {
        file: PLACE,
        find: 'attribute_not_exists(h.#run) AND NOT contains(z, :mark)',
        put: 'NOT contains(z, :mark)',
      },
    ],
  },
  {
    name: 'hold: tombstone ignored',
    story: 'a late duplicate of an approval holds again after its run has ended (R6)',
    edits: [{ file: PLACE, find: 'NOT contains(z, :mark)', put: '(NOT contains(z, :mark) OR attribute_exists(v))' }],
  },
  {
    name: 'hold: on an old estimate',
    story: 'an estimate too old still makes a hold, when nothing remembers its run any more (R2, R6)',
    edits: [
      {
        file: 'lambdas/approve/approve.ts',
        find: 'if (ask.nowMs < estimateExpiresAtMs(estimate.runUuid)) return place',
        put: 'if (ask.nowMs < estimateExpiresAtMs(estimate.runUuid) + 86_400_000) return place',
      },
      {
        file: 'lambdas/approve/approve.ts',
        find: 'const late = ask.nowMs >= estimateExpiresAtMs(runUuid);',
        put: 'const late = ask.nowMs >= estimateExpiresAtMs(runUuid) + 86_400_000;',
      },
    ],
  },
  {
    name: 'hold: rule of another version',
    story: 'spent without a yes (openai/codex#43118): the owner has changed the standing rule meanwhile (R4)',
    edits: [{ file: PLACE, find: 'a >= :credits AND b = :rule', put: 'a >= :credits AND b >= :rule' }],
  },
  {
    name: 'hold: an agent approves',
    story: 'an agent’s token alone approves, by a rule that nobody has set (R4; anomalyco/opencode#30320)',
    edits: [
      {
        file: 'lambdas/approve/approve.ts',
        find: "ask.byOwner ? { how: 'explicit' } : { how: 'standing_rule', ruleVersion };",
        put: "ask.byOwner || ruleVersion === 0 ? { how: 'explicit' } : { how: 'standing_rule', ruleVersion };",
      },
    ],
  },
  {
    name: 'hold: deadline bound late',
    story: 'a hold is placed while another’s deadline has passed: credits of a lapsed hold are overlooked (R7)',
    edits: [{ file: PLACE, find: '(e > :now AND e <= :deadline)', put: '(e > :now OR e <= :deadline)' }],
  },
  {
    name: 'hold: bound raised unseen',
    story:
      'a hold is placed between plan and write: the bound goes beyond its deadline, and no sweep finds its lapse in time (R7)',
    edits: [{ file: PLACE, find: "raise: 'v = :seen'", put: "raise: 'v >= :seen'" }],
  },
  {
    name: 'hold: drawing order',
    story: 'credits that last longer are spent first, those that end soon are lost (R5)',
    edits: [{ file: 'lib/domain/draw.ts', find: 'a.expiresAtMs - b.expiresAtMs || ', put: '' }],
  },
  {
    name: 'hold: order moves at midnight',
    story: 'free credits live on another day, and plans made before still fit, in the order of yesterday (R5)',
    edits: [
      {
        file: 'lib/domain/boundary.ts',
        find: 'nextOrdinal: today.nextOrdinal + 1 }, entries: []',
        put: 'nextOrdinal: today.nextOrdinal }, entries: []',
      },
    ],
  },
];

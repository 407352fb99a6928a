import type * as z from 'zod/mini';
import type { Account, Hold } from '../domain/account.ts';
import { uuidTimeMs } from '../domain/run-id.ts';
import { heldBy, heldOf, type RunRecord } from '../domain/run-record.ts';
import type { getPreferences } from './contract/account.ts';
import type { approval } from './contract/approval.ts';

/** An instant as the API shows it. */
export const iso = (ms: number): string => new Date(ms).toISOString();

export const grantIdOf = (ordinal: number): string => `grt_${ordinal}`;

/** R4: an approval as it is shown and kept: who, when, how, and what they were shown. */
export const shownApproval = (accountId: string, run: Hold | RunRecord): z.infer<typeof approval> => ({
  by: accountId,
  at: iso(run.approvedAtMs),
  how: run.approval.how,
  ...(run.approval.how === 'standing_rule' ? { ruleVersion: run.approval.ruleVersion } : {}),
  shown: {
    tool: run.tool,
    credits: 'outcome' in run ? heldBy(run) : heldOf(run),
    priceVersion: run.priceVersion,
    estimatedAt: iso(uuidTimeMs(run.runUuid)),
  },
});

export const shownPreferences = ({ rule, lowBalanceAt }: Account): z.infer<typeof getPreferences.reply> => ({
  autoApproveUpTo: rule.autoApproveUpTo,
  lowBalanceAt,
  ruleVersion: rule.version,
});

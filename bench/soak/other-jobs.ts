import { repeated } from './repeated.ts';
import type { Shift } from './scene.ts';

/** What an owner looks at. */
export const look = async ({ owner, told, between }: Shift): Promise<void> => {
  const { credits } = owner;
  const [runId] = [...told.ends.keys()].slice(-1);
  const looks = [
    () => credits.GET('/v1/balance'),
    () => credits.GET('/v1/balance'),
    () => credits.GET('/v1/usage'),
    () => credits.GET('/v1/usage', { params: { query: { format: 'csv', limit: '100' } }, parseAs: 'text' }),
    () => credits.GET('/v1/usage', { params: { query: { kind: 'run', limit: '20' } } }),
    () => credits.GET('/v1/preferences'),
    () => credits.GET('/v1/billing'),
    () => credits.GET('/v1/pricing'),
  ];
  await looks[between(0, looks.length - 1)]?.();
  const end = runId === undefined ? undefined : told.ends.get(runId);
  if (runId === undefined || end === undefined) return;
  await end.owner.credits.GET('/v1/runs/{runId}', { params: { path: { runId } } });
};

/** A standing rule is set, changed or taken back. */
export const rule = async ({ owner, chance, between }: Shift): Promise<void> => {
  const autoApproveUpTo = chance() < 0.3 ? null : between(1, 30);
  await owner.credits.PUT('/v1/preferences', { body: { autoApproveUpTo, lowBalanceAt: between(0, 50) } });
};

/** Support gives promotional credits, or gives a charge back; what it may not give back it is refused. */
export const support = async (shift: Shift): Promise<void> => {
  const { api, owner, told, chance, between } = shift;
  const { credits } = api.support;
  if (chance() < 0.6) {
    const params = { path: { id: owner.sub }, header: { 'Idempotency-Key': `soak-${chance()}` } };
    const body = { credits: between(1, 200), reason: 'a soak' };
    await repeated(shift, () => credits.POST('/v1/support/accounts/{id}/grants', { params, body }));
    return;
  }
  const settled = [...told.ends].slice(-REFUNDABLE).filter(([, { status }]) => status === 'settled');
  const [runId] = settled[between(0, settled.length - 1)] ?? [];
  if (runId === undefined) return;
  const body = { reason: 'goodwill' } as const;
  await repeated(shift, () => credits.POST('/v1/support/runs/{runId}/refund', { params: { path: { runId } }, body }));
};

const REFUNDABLE = 50;

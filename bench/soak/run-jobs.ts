import type { CreditsClient } from '../../client/credits-client.ts';
import { again, repeated } from './repeated.ts';
import type { Shift } from './scene.ts';

const REMEMBERED = 200;

type Params = { readonly path: { readonly runId: string } };

const ask = (shift: Shift) => {
  const { api, agent, owner, chance, between } = shift;
  const tool = chance() < 0.7 ? undefined : api.pricing.tools[between(0, api.pricing.tools.length - 1)];
  const priced = tool ?? api.metered;
  const input = tool?.exampleInput ?? { maxCredits: between(1, 30) };
  const body = { tool: priced.id, input, accountId: owner.sub };
  return (chance() < 0.5 ? agent : owner).credits.POST('/v1/estimates', { body });
};

/** The owner's own yes, or the agent's under a standing rule; an agent that is refused goes to the owner. */
const approve = async (shift: Shift, estimateId: string, byRule: boolean) => {
  const { agent, owner, chance, between } = shift;
  const body = { estimateId, holdSeconds: between(60, 7200) };
  const by = (client: CreditsClient) => repeated(shift, () => client.POST('/v1/runs', { body }));
  if (!byRule && chance() < 0.9) return by(owner.credits);
  const alone = await by(agent.credits);
  return alone.data === undefined && alone.response.status === 403 ? by(owner.credits) : alone;
};

const settle = async (shift: Shift, params: Params, credits: number, receipt: string | undefined) => {
  const { agent, owner, told } = shift;
  const body = { credits, ...(receipt === undefined ? {} : { receipt }) };
  const { data } = await repeated(shift, () => agent.credits.POST('/v1/runs/{runId}/settle', { params, body }));
  if (data) told.ends.set(data.runId, { owner, status: 'settled', charged: data.charged });
  return data !== undefined;
};

const fail = async (shift: Shift, params: Params) => {
  const { agent, owner, told } = shift;
  const body = { reason: 'the model timed out' };
  const { data } = await repeated(shift, () => agent.credits.POST('/v1/runs/{runId}/fail', { params, body }));
  if (data) told.ends.set(data.runId, { owner, status: 'failed', charged: 0 });
  return data !== undefined;
};

/** Both ends at once: one of them wins (R11). */
const race = async (shift: Shift, params: Params, credits: number) => {
  const won = await Promise.all([settle(shift, params, credits, undefined), fail(shift, params)]);
  if (won.every(Boolean)) shift.tally.breach(`R11 ${params.path.runId} is settled and failed`);
};

const leave = ({ told }: Shift, runId: string): void => {
  told.left.push(runId);
  if (told.left.length > REMEMBERED) told.left.shift();
};

/** A run from its estimate to one of its ends: dearer than held, cheaper, failed, or left to lapse. */
export const run = async (shift: Shift): Promise<void> => {
  const { agent, chance, between, pause } = shift;
  const { data: estimate } = await ask(shift);
  if (estimate === undefined || estimate.credits === 0) return;
  const { data: held } = await approve(shift, estimate.estimateId, estimate.approval === 'standing_rule');
  if (held === undefined) return;
  const params = { path: { runId: held.runId } };
  await pause(300);
  if (chance() < 0.2) {
    const body = { seconds: between(60, 3600) };
    await again(shift, () => agent.credits.POST('/v1/runs/{runId}/extend', { params, body }));
  }
  const receipt = chance() < 0.5 ? held.receipt : undefined;
  const end = chance();
  if (end < 0.5) await settle(shift, params, between(0, held.held), receipt);
  else if (end < 0.65) await settle(shift, params, held.held + between(0, 20), receipt);
  else if (end < 0.8) await fail(shift, params);
  else if (end < 0.87) await race(shift, params, between(0, held.held));
  else leave(shift, held.runId);
};

/** A settle that may come too late: its cost is absorbed then (R11). */
export const late = async (shift: Shift): Promise<void> => {
  const { told, between } = shift;
  const runId = told.left[between(0, told.left.length - 1)];
  if (runId === undefined) return;
  const body = { credits: between(1, 10) };
  await shift.agent.credits.POST('/v1/runs/{runId}/settle', { params: { path: { runId } }, body });
};

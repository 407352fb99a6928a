import { accepted, type CreditsClient, refusalOf } from '../client/credits-client.ts';

/** One generation, and what must outlive a crash of it. */
export interface Job {
  readonly accountId: string;
  readonly tool: string;
  readonly input: Readonly<Record<string, unknown>>;
  readonly estimateId?: string;
  readonly runId?: string;
  readonly end?: { readonly credits: number } | { readonly reason: string };
}

export interface Runtime {
  /** With a token of scope `credits/agent`. */
  readonly credits: CreditsClient;
  /** Returns when the job is where a crash cannot reach it. */
  readonly save: (job: Job) => Promise<void>;
  /** Shows the estimate to the account's owner, and comes back after a while, whether they have approved it or not. */
  readonly askOwner: (estimateId: string) => Promise<void>;
  /** Does the run and says what it cost; calls `extend` where it takes long. After a crash it is begun again, for the same run. */
  readonly work: (runId: string, extend: () => Promise<void>) => Promise<number>;
}

/** Does a job, or the rest of one that was saved: `settled`, `failed`, or the code of what stood in the way, and then nothing was charged. */
export const runJob = async (job: Job, { credits, save, askOwner, work }: Runtime): Promise<string> => {
  const { accountId, tool, input, estimateId, runId, end } = job;
  const goOn = async (news: Partial<Job>): Promise<string> => {
    await save({ ...job, ...news });
    return runJob({ ...job, ...news }, { credits, save, askOwner, work });
  };
  if (estimateId === undefined) {
    const { data, ...no } = await credits.POST('/v1/estimates', { body: { accountId, tool, input } });
    return data ? goOn({ estimateId: data.estimateId }) : refusalOf(no).code;
  }
  if (runId === undefined) {
    // Its answer is the run whoever approved it: the standing rule with this very call, or the owner meanwhile.
    const { data, ...no } = await credits.POST('/v1/runs', { body: { estimateId } });
    if (data) return goOn({ runId: data.runId });
    if (refusalOf(no).code !== 'approval_required') return refusalOf(no).code;
    await askOwner(estimateId);
    return runJob(job, { credits, save, askOwner, work });
  }
  const params = { path: { runId } };
  if (end === undefined) {
    const extend = async () => {
      accepted(await credits.POST('/v1/runs/{runId}/extend', { params, body: { seconds: 1800 } }));
    };
    const done = async () => {
      await extend();
      return { credits: await work(runId, extend) };
    };
    return goOn({ end: await done().catch((fault: unknown) => ({ reason: String(fault).slice(0, 200) })) });
  }
  const { data, ...no } = await ('credits' in end
    ? credits.POST('/v1/runs/{runId}/settle', { params, body: end })
    : credits.POST('/v1/runs/{runId}/fail', { params, body: end }));
  return data?.status ?? refusalOf(no).code;
};

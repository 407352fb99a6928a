import { afterAll, beforeAll, expect, test } from 'vitest';
import { listUsage } from '../../lib/http/contract/account.ts';
import { failRun, settleRun } from '../../lib/http/contract/settle.ts';
import { assignPlan, grantCredits, refundRun } from '../../lib/http/contract/support.ts';
import type { Actor } from './actor.ts';
import { Api, DAY, type Entry, HOUR, iso, MINUTE, SECOND } from './api.ts';

let api: Api;
let owner: Actor;
let begunMs: number;
let all: readonly Entry[];

/** An account with something of everything in its history, over three days. */
beforeAll(async () => {
  api = await Api.open();
  begunMs = await api.nextNoon();
  owner = await api.user();
  const params = { id: owner.sub };
  await api.promote(owner, 5, begunMs + HOUR);
  for (const note of ['=cmd|calc', 'says "no", then\r\nleaves', 'ünïcödé ✓ 🎬', '+1', '@here', '-2']) {
    await api.support.ok(grantCredits, {
      params,
      headers: { 'idempotency-key': `note-${Buffer.from(note).toString('hex')}` },
      body: { credits: 3, reason: 'goodwill', note, expiresAt: iso(begunMs + 30 * DAY) },
    });
  }
  for (let run = 0; run < 12; run++) {
    await api.at(begunMs + run * SECOND);
    const { runId } = await api.hold(owner, 2);
    if (run % 3 === 0) await api.agent.ok(failRun, { params: { runId }, body: { reason: `attempt ${run}` } });
    else if (run % 3 === 1) await api.agent.ok(settleRun, { params: { runId }, body: { credits: 1 } });
    if (run === 4) {
      const body = { reason: 'goodwill', note: 'sorry' };
      await api.support.ok(refundRun, { params: { runId }, body });
    }
  }
  await api.at(begunMs + 2 * DAY);
  await api.support.ok(assignPlan, { params, body: { planId: 'starter', reason: 'trial' } });
  await api.hold(owner, 1);
  all = await api.history(owner);
});
afterAll(() => api.stop());

const paged = async (limit: number, query: Record<string, string>): Promise<Entry[]> => {
  const lines: Entry[] = [];
  let cursor: string | null = null;
  do {
    const page: { entries: Entry[]; nextCursor: string | null } = await owner.ok(listUsage, {
      query: { ...query, limit, ...(cursor === null ? {} : { cursor }) },
    });
    expect(page.entries.length).toBeLessThanOrEqual(limit);
    if (page.nextCursor !== null) expect(page.entries.length).toBeGreaterThan(0);
    lines.push(...page.entries);
    cursor = page.nextCursor;
  } while (cursor !== null);
  return lines;
};

test('history holds a line for every change, newest first, each once (R23)', () => {
  const count = (kind: Entry['kind']) => all.filter((line) => line.kind === kind).length;
  const counts = { run: 13, grant: 8, expiry: 1, reset: 1, refund: 1, clawback: 0, adjustment: 2 };
  expect({ ...counts, ...Object.fromEntries(all.map(({ kind }) => [kind, count(kind)])) }).toEqual(counts);
  expect(new Set(all.map(({ id }) => id)).size).toBe(all.length);
  const instants = all.map(({ at }) => at);
  expect(instants).toEqual(instants.toSorted().reverse());
  expect(all.filter(({ status }) => status === 'held')).toHaveLength(1);
  expect(all.filter(({ status }) => status === 'expired')).toHaveLength(4);
});

test('what support did says why and who (R29)', () => {
  const bySupport = all.filter(({ actor }) => actor !== undefined);
  expect(bySupport).toHaveLength(9);
  for (const { actor, reason } of bySupport) {
    expect(actor).toBe('support-1');
    expect(reason).toBeTruthy();
  }
  expect(all.find(({ kind }) => kind === 'refund')).toMatchObject({ reason: 'goodwill', note: 'sorry', credits: 1 });
  expect(all.find(({ planId }) => planId === 'starter')).toMatchObject({ kind: 'adjustment', reason: 'trial' });
});

test.each([1, 2, 3, 7, 24, 25, 26, 100])('pages of %i come to the same lines as one page', async (limit) => {
  expect(await paged(limit, {})).toEqual(all);
});

test.each(['run', 'grant', 'expiry', 'reset', 'refund', 'clawback', 'adjustment'])(
  'kind=%s are the lines of that kind, in pages of any size',
  async (kind) => {
    const wanted = all.filter((line) => line.kind === kind);
    for (const limit of [1, 5, 100]) expect(await paged(limit, { kind })).toEqual(wanted);
  },
);

test('from is included and to is not, to the millisecond, with a kind or without', async () => {
  const instants = [0, 1, 5 * SECOND - 1, 5 * SECOND, HOUR, 2 * DAY];
  for (const [at, offset] of instants.entries()) {
    const from = iso(begunMs + offset);
    expect(await paged(100, { from })).toEqual(all.filter((line) => line.at >= from));
    const elsewhere = iso(begunMs + offset + 2 * HOUR).replace('Z', '+02:00');
    expect(await paged(100, { from: elsewhere })).toEqual(all.filter((line) => line.at >= from));
    expect(await paged(9, { to: from })).toEqual(all.filter((line) => line.at < from));
    for (const end of instants.slice(at)) {
      const to = iso(begunMs + end);
      const within = all.filter((line) => from <= line.at && line.at < to);
      expect(await paged(8, { from, to })).toEqual(within);
      expect(await paged(5, { from, to, kind: 'run' })).toEqual(within.filter(({ kind }) => kind === 'run'));
    }
  }
});

test('an end before the beginning leaves nothing', async () => {
  const backwards = { from: iso(begunMs + MINUTE), to: iso(begunMs) };
  expect(await owner.ok(listUsage, { query: backwards })).toEqual({ entries: [], nextCursor: null });
});

test('lines that come while somebody pages do not move the pages under them', async () => {
  const first = await owner.ok(listUsage, { query: { limit: 5 } });
  await api.promote(owner, 1);
  const rest = await owner.ok(listUsage, { query: { limit: 100, cursor: first.nextCursor ?? '' } });
  expect([...first.entries, ...rest.entries]).toEqual(all);
});

/** RFC 4180, as a spreadsheet would read it. */
const parseCsv = (text: string): string[][] => {
  const rows: string[][] = [];
  let row: string[] = [];
  const field = /(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r\n)/gy;
  for (let match = field.exec(text); match !== null; match = field.exec(text)) {
    row.push(match[1]?.replaceAll('""', '"') ?? match[2] ?? '');
    if (match[3] === ',') continue;
    rows.push(row);
    row = [];
  }
  expect(row).toEqual([]);
  return rows;
};

test('as CSV: the same lines in the same order, text that looks like a formula made harmless (R23)', async () => {
  const lines = await api.history(owner);
  const reply = await owner.send(listUsage, { query: { format: 'csv' } });
  expect(reply.headers.get('content-type')).toBe('text/csv; charset=utf-8');
  expect(reply.headers.get('content-disposition')).toMatch(/^attachment/);
  const [header = [], ...rows] = parseCsv(reply.text);
  const column = (name: string) => rows.map((row) => row[header.indexOf(name)]);
  expect(column('id')).toEqual(lines.map(({ id }) => id));
  expect(column('credits')).toEqual(lines.map(({ credits }) => String(credits)));
  expect(column('kind')).toEqual(lines.map(({ kind }) => kind));
  expect(column('charged')).toEqual(lines.map(({ charged }) => (charged === undefined ? '' : String(charged))));
  const notes = column('note').filter((note) => note !== '');
  expect(notes.toSorted()).toEqual(
    ["'=cmd|calc", "'+1", "'-2", "'@here", 'says "no", then\r\nleaves', 'ünïcödé ✓ 🎬', 'sorry'].toSorted(),
  );
});

test('CSV is filtered and paged like JSON, its cursor in a header', async () => {
  const first = await owner.send(listUsage, { query: { format: 'csv', kind: 'run', limit: 4 } });
  const cursor = first.headers.get('x-next-cursor') ?? '';
  const second = await owner.send(listUsage, { query: { format: 'csv', kind: 'run', cursor } });
  expect(second.headers.has('x-next-cursor')).toBe(false);
  const ids = [first, second].flatMap(({ text }) =>
    parseCsv(text)
      .slice(1)
      .map((row) => row.at(-1)),
  );
  expect(ids).toEqual(all.filter(({ kind }) => kind === 'run').map(({ id }) => id));
});

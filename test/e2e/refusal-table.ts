import { isDeepStrictEqual } from 'node:util';
import { expect } from 'vitest';
import * as z from 'zod/mini';
import { type Asked, pathOf } from './actor.ts';
import type { Api } from './api.ts';
import { type GoodRequest, goodRequests, openScene, type Scene, snapshot } from './good-requests.ts';
import { Shop } from './shop.ts';

const AT_ONCE = 8;

/** One way to ask for nothing good: a good request with this changed, and what must be answered. */
export interface Row {
  readonly it: string;
  readonly asked: Asked;
  readonly status: number;
  /** Of a refusal of ours; without one the gateway answers. */
  readonly code?: string;
  /** Of all faults, in their order. */
  readonly paths?: readonly string[];
}

export const invalid = { status: 400, code: 'validation_failed' } as const;

const problem = z.looseObject({ code: z.string(), errors: z.optional(z.array(z.object({ path: z.string() }))) });
const gateway = z.strictObject({ message: z.string() });

/** Sends rows of bad requests to a system with two accounts, and sees to it that nothing changes by them. */
export class RefusalTable {
  private constructor(
    readonly api: Api,
    readonly scene: Scene,
    readonly good: Readonly<Record<string, GoodRequest>>,
    private readonly before: unknown,
  ) {}

  static async open(): Promise<RefusalTable> {
    const shop = await Shop.open();
    const scene = await openScene(shop);
    return new RefusalTable(shop.api, scene, await goodRequests(scene), await snapshot(scene));
  }

  goodOf(operationId: string): GoodRequest {
    const request = this.good[operationId];
    if (request === undefined) throw new Error(`there is no good request for ${operationId}: write one`);
    return request;
  }

  /** `raw` is for what `fetch` would not send as it is. */
  private async answer(operationId: string, { asked }: Row, raw: boolean): Promise<object> {
    const { operation, actor, sealed, ...request } = this.goodOf(operationId);
    const given = { ...request, ...asked, token: actor.token };
    const seal = sealed?.(given.rawBody ?? JSON.stringify(given.body)) ?? {};
    const sent = { ...given, headers: { ...seal, ...given.headers } };
    const { status, body, text } = await this.api.system[raw ? 'raw' : 'request'](
      operation.method,
      pathOf(operation.path, sent),
      sent,
    );
    if (gateway.safeParse(body).success) return { status };
    const parsed = problem.safeParse(body);
    if (!parsed.success) return { status, answer: text };
    const { code, errors } = parsed.data;
    return { status, code, ...(errors && { paths: errors.map(({ path }) => path) }) };
  }

  /** Every row must be refused as it says, and nothing may have changed after them all. */
  async refuses(operationId: string, rows: readonly Row[], raw = false): Promise<void> {
    expect(rows.length).toBeGreaterThan(0);
    const wrong: object[] = [];
    const tryOne = async (row: Row): Promise<void> => {
      const { it, asked: _, ...wanted } = row;
      const seen = await this.answer(operationId, row, raw).catch((breach: Error) => ({ breach: breach.message }));
      // A row without paths leaves it open where its faults lie.
      const told = 'paths' in seen && wanted.paths === undefined ? { ...seen, paths: undefined } : seen;
      if (!isDeepStrictEqual({ paths: undefined, ...told }, { paths: undefined, ...wanted }))
        wrong.push({ it, seen, wanted });
    };
    for (let at = 0; at < rows.length; at += AT_ONCE) await Promise.all(rows.slice(at, at + AT_ONCE).map(tryOne));
    expect(wrong).toEqual([]);
    await this.isUnchanged();
  }

  async isUnchanged(): Promise<void> {
    expect(await snapshot(this.scene)).toEqual(this.before);
  }
}

import * as z from 'zod/mini';
import { catalog } from '../lib/catalog/catalog.ts';
import type { Catalog } from '../lib/domain/catalog.ts';
import type { Runtime } from '../lib/http/runtime.ts';
import { dynamoClient, openTable, type Table } from '../lib/store/table.ts';
import { createSigner, type Signer } from '../lib/token/signer.ts';
import { signingKeys } from '../lib/token/signing-keys.ts';

/** What the logic of every door works with. */
export interface Dependencies {
  readonly table: Table;
  readonly signer: Signer;
  readonly catalog: Catalog;
  readonly now: () => number;
}

const environment = z.object({
  TABLE_NAME: z.string().check(z.minLength(3)),
  SIGNING_SECRET_ARN: z.string().check(z.minLength(1)),
  /** Another engine than AWS's own. */
  DYNAMODB_ENDPOINT: z.optional(z.string()),
});

/** Stops the start where the environment is not complete. */
export const dependencies = (runtime: Runtime): Dependencies => {
  const env = environment.parse(runtime.env);
  const endpoint = env.DYNAMODB_ENDPOINT === undefined ? {} : { endpoint: env.DYNAMODB_ENDPOINT };
  return {
    table: openTable(dynamoClient(endpoint), env.TABLE_NAME, catalog),
    signer: createSigner(signingKeys(runtime, env.SIGNING_SECRET_ARN)),
    catalog,
    now: runtime.now,
  };
};

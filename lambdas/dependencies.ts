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

const tableEnvironment = z.object({
  TABLE_NAME: z.string(),
  /** Another engine than AWS's own. */
  DYNAMODB_ENDPOINT: z.optional(z.string()),
});
const signingEnvironment = z.object({ SIGNING_SECRET_ARN: z.string() });

/** The stage's table. Stops the start where the environment does not name it. */
export const dynamoTable = ({ env }: Runtime, catalog: Catalog): Table => {
  const { TABLE_NAME, DYNAMODB_ENDPOINT } = tableEnvironment.parse(env);
  const endpoint = DYNAMODB_ENDPOINT === undefined ? {} : { endpoint: DYNAMODB_ENDPOINT };
  return openTable(dynamoClient(endpoint), TABLE_NAME, catalog);
};

/** Stops the start where the environment is not complete. */
export const dependencies = (runtime: Runtime): Dependencies => ({
  table: dynamoTable(runtime, catalog),
  signer: createSigner(signingKeys(runtime, signingEnvironment.parse(runtime.env).SIGNING_SECRET_ARN)),
  catalog,
  now: runtime.now,
});

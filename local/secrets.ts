import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import * as z from 'zod/mini';
import { keepDataFile } from './data-file.ts';

/** What stands for the ARN of the stack's signing key. */
export const SIGNING_SECRET_ID = 'local:signing-key';

/** Newest first; as Secrets Manager would hold it after a rotation. */
const keyRing = z.object({
  keys: z.array(z.object({ kid: z.string(), k: z.string() })).check(z.minLength(1)),
});

/** Stands in for Secrets Manager. The key is made once and kept in the data directory: estimates given before a restart stay good. */
export const openSecrets = async (dataDir: string): Promise<(id: string) => Promise<string>> => {
  const ring = await keepDataFile(join(dataDir, 'signing-key.json'), keyRing, () => ({
    keys: [{ kid: 'local', k: randomBytes(32).toString('base64url') }],
  }));
  const text = JSON.stringify(ring);
  return async (id) => {
    if (id !== SIGNING_SECRET_ID) throw new Error(`There is no secret ${id} on this machine`);
    return text;
  };
};

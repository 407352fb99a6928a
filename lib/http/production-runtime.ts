import { GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import type { Runtime } from './runtime.ts';

const productionRuntime = (): Runtime => {
  const client = new SecretsManagerClient({
    maxAttempts: 3,
    requestHandler: { connectionTimeout: 500, requestTimeout: 1500 },
  });
  return {
    env: process.env,
    now: Date.now,
    readSecret: async (id) => {
      const { SecretString } = await client.send(new GetSecretValueCommand({ SecretId: id }));
      if (SecretString === undefined) throw new Error('the secret has no text');
      return SecretString;
    },
  };
};

/** A Lambda's `handler`, made in its init phase. Elsewhere there is none: the one-machine runtime brings its own `Runtime`. */
export const inLambda = <Handler>(createHandler: (runtime: Runtime) => Handler): Handler | undefined =>
  process.env['AWS_LAMBDA_FUNCTION_NAME'] === undefined ? undefined : createHandler(productionRuntime());

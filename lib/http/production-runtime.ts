import { GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { CLIENT_LIMITS, onlyWhileAsked } from '../deadline/deadline.ts';
import type { Runtime } from './runtime.ts';

const productionRuntime = (): Runtime => {
  const client = new SecretsManagerClient(CLIENT_LIMITS);
  client.middlewareStack.add(onlyWhileAsked, { step: 'finalizeRequest' });
  return {
    env: process.env,
    now: Date.now,
    readSecret: async (id) => {
      const { SecretString } = await client.send(new GetSecretValueCommand({ SecretId: id }));
      if (SecretString === undefined) throw new Error('the secret has no text');
      return SecretString;
    },
    // Past the console, which Lambda would wrap in a line of its own; CloudWatch takes metrics only from the line itself.
    note: (line) => process.stdout.write(`${JSON.stringify(line)}\n`),
  };
};

/** A Lambda's `handler`, made in its init phase. Elsewhere there is none: the one-machine runtime brings its own `Runtime`. */
export const inLambda = <Handler>(createHandler: (runtime: Runtime) => Handler): Handler | undefined =>
  process.env['AWS_LAMBDA_FUNCTION_NAME'] === undefined ? undefined : createHandler(productionRuntime());

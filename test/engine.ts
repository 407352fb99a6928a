import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';
import { startEngine } from '../local/engine.ts';

declare module 'vitest' {
  interface ProvidedContext {
    dynamodbEndpoint: string;
  }
}

/** One engine for all tests, each of which makes a table of its own; `DYNAMODB_ENDPOINT` names another. */
export default async (project: TestProject): Promise<() => Promise<void>> => {
  const given = process.env['DYNAMODB_ENDPOINT'];
  if (given !== undefined) {
    project.provide('dynamodbEndpoint', given);
    return async () => undefined;
  }
  const dataDir = mkdtempSync(join(tmpdir(), 'credits-test-'));
  const engine = await startEngine(dataDir, new AbortController().signal);
  project.provide('dynamodbEndpoint', engine.endpoint);
  return async () => {
    await engine.stop();
    rmSync(dataDir, { recursive: true, force: true });
  };
};

import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import * as z from 'zod/mini';
import { operations } from '../../lib/http/contract/operations.ts';

const run = promisify(execFile);
const root = join(import.meta.dirname, '../..');
const json = async (path: string): Promise<unknown> => JSON.parse(await readFile(path, 'utf8'));
const cdkJson = z.object({ app: z.string(), context: z.record(z.string(), z.unknown()) });
const template = z.object({
  Resources: z.record(
    z.string(),
    z.object({ Metadata: z.optional(z.record(z.string(), z.unknown())), Properties: z.optional(z.unknown()) }),
  ),
});
const environment = z.object({ Environment: z.object({ Variables: z.record(z.string(), z.unknown()) }) });

/** The app run as the CDK command line runs it: bundles, CloudFormation's own checks of the template, and all. */
describe('cdk synth', () => {
  let out = '';
  const bundles = new Map<unknown, { readonly path: string; readonly env: Record<string, string> }>();

  beforeAll(async () => {
    out = await mkdtemp(join(tmpdir(), 'credits-synth-'));
    const { app, context } = cdkJson.parse(await json(join(root, 'cdk.json')));
    const [command = '', ...args] = app.split(' ');
    await run(command, args, {
      cwd: root,
      env: {
        PATH: process.env['PATH'],
        HOME: process.env['HOME'],
        CDK_OUTDIR: out,
        CDK_CONTEXT_JSON: JSON.stringify({ ...context, 'aws:cdk:enable-asset-metadata': true }),
      },
    });
    const { Resources } = template.parse(await json(join(out, 'credits-dev.template.json')));
    for (const { Metadata, Properties } of Object.values(Resources)) {
      if (!Metadata?.['credits:door']) continue;
      const { Variables } = environment.parse(Properties).Environment;
      bundles.set(Metadata['credits:door'], {
        path: join(out, String(Metadata['aws:asset:path']), 'index.mjs'),
        env: Object.fromEntries(
          Object.entries(Variables).map(([key, v]) => [key, typeof v === 'string' ? v : 'by-reference']),
        ),
      });
    }
  }, 120_000);
  afterAll(() => rm(out, { recursive: true, force: true }));

  it('leaves a template without a finding of CloudFormation’s rules or AWS’s of good practice', async () => {
    const { pluginReports } = z
      .object({ pluginReports: z.array(z.object({ violations: z.array(z.object({ ruleName: z.string() })) })) })
      .parse(await json(join(out, 'validation-report.json')));
    // A clone has no prices of its own at Stripe, and is told so.
    expect(pluginReports.flatMap(({ violations }) => violations.map(({ ruleName }) => ruleName))).toEqual([
      'Annotation::credits:nothing-sold',
    ]);
  });

  it('leaves a bundle for each door, for the feed of the bus, and for what schedules start', () => {
    const doors = new Set<string>(operations.map(({ door }) => door));
    const started = ['audit', 'reconcile', 'sweep'].map((name) => `schedulers/${name}`);
    expect([...bundles.keys()].sort()).toEqual([...doors, 'events', ...started].sort());
  });

  /** What a bundle exports, in a Node with nothing beside it but that bundle and this environment. */
  const exportsOf = async (path: string, env: Record<string, string>) => {
    const script =
      'const door = await import(process.argv[1]); console.log(typeof door.createHandler, typeof door.handler);';
    const { stdout } = await run(process.execPath, ['--input-type=module', '-e', script, pathToFileURL(path).href], {
      cwd: out,
      env,
    });
    return stdout.trim();
  };

  it('leaves bundles that load by themselves: with the stack’s environment a handler for Lambda, without it makers of one', async () => {
    const lambda = { AWS_LAMBDA_FUNCTION_NAME: 'door', AWS_REGION: 'eu-central-1' };
    for (const { path, env } of bundles.values()) {
      expect(await exportsOf(path, { ...lambda, ...env })).toBe('function function');
      expect(await exportsOf(path, {})).toMatch(/^function /);
    }
  }, 30_000);
});

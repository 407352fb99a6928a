import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App, Stack, Validations } from 'aws-cdk-lib';
import { CfnInclude } from 'aws-cdk-lib/cloudformation-include';
import { AwsSolutionsChecks } from 'cdk-nag';
import type { IConstruct } from 'constructs';
import { describe, expect, it } from 'vitest';
import * as z from 'zod/mini';
import { samplePrices } from './sample-prices.ts';
import { synthesize } from './synthesize.ts';

/** What AWS's rules find, as `rule at construct`. */
const findings = (scope: IConstruct): string[] =>
  new AwsSolutionsChecks()
    .validateScope(scope)
    .violations.flatMap(({ ruleName, violatingResources }) =>
      violatingResources.map(({ constructPath }) => `${ruleName} at ${constructPath}`),
    );
const ruleOf = (finding: string) => finding.replace(/ at \S*$/, '');

/** The same template with nothing acknowledged in it. */
const bare = (template: unknown): Stack => {
  const directory = mkdtempSync(join(tmpdir(), 'credits-nag-'));
  const templateFile = join(directory, 'template.json');
  writeFileSync(templateFile, JSON.stringify(template));
  const stack = new Stack(new App({ outdir: join(directory, 'out') }), 'bare');
  new CfnInclude(stack, 'Template', { templateFile });
  rmSync(directory, { recursive: true });
  return stack;
};

/** Every reason given in a stack for leaving a rule be, by the rule. */
const reasonsIn = (stack: Stack): [string, string][] =>
  stack.node
    .findAll()
    .flatMap(({ node }) => node.metadata)
    .filter(({ type }) => type === Validations.ACKNOWLEDGED_RULES_METADATA_KEY)
    .flatMap(({ data }) => Object.entries(z.record(z.string(), z.string()).parse(data)))
    .map(([id, reason]) => [id.replace(/^annotation::/i, ''), reason]);

describe.each([
  { stage: 'dev' },
  { stage: 'prod' },
  { stage: 'prod', origins: 'https://app.example.com', stripePrices: samplePrices },
  { stage: 'prod', issuer: 'https://id.example.com/', audience: 'credits' },
])('under AWS’s rules of good practice, %o', (context) => {
  const { stack, template } = synthesize(context);

  it('has no finding without a reason', () => {
    expect(findings(stack)).toEqual([]);
  });

  it('gives a reason, in words, for just those rules that it does not keep', () => {
    const reasons = reasonsIn(stack);
    const found = findings(bare(template.toJSON())).map(ruleOf);
    expect([...new Set(reasons.map(([id]) => id))].sort()).toEqual([...new Set(found)].sort());
    for (const [, reason] of reasons) expect(reason.split(' ').length).toBeGreaterThan(4);
  });
});

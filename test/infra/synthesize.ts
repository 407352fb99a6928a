import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App } from 'aws-cdk-lib';
import { Annotations, Match, Template } from 'aws-cdk-lib/assertions';
import * as z from 'zod/mini';
import { CreditsStack } from '../../lib/infra/credits-stack.ts';
import { readStage } from '../../lib/infra/stage.ts';

const flags = z
  .object({ context: z.record(z.string(), z.unknown()) })
  .parse(JSON.parse(readFileSync(new URL('../../cdk.json', import.meta.url), 'utf8'))).context;

const resource = z.object({
  Type: z.string(),
  Properties: z._default(z.record(z.string(), z.unknown()), {}),
  Metadata: z.optional(z.record(z.string(), z.unknown())),
  DependsOn: z.optional(z.array(z.string())),
  DeletionPolicy: z.optional(z.string()),
  UpdateReplacePolicy: z.optional(z.string()),
});
export type Resource = z.infer<typeof resource>;

const ref = z.object({ Ref: z.string() });
const attribute = z.object({ 'Fn::GetAtt': z.tuple([z.string(), z.string()]) });

/** The logical id that a `Ref` or `Fn::GetAtt` points to. */
export const idOf = (value: unknown): string => {
  const byRef = ref.safeParse(value);
  return byRef.success ? byRef.data.Ref : attribute.parse(value)['Fn::GetAtt'][0];
};

/** Synthesizes a stage as `cdk synth -c key=value …` does, but for the bundles. */
export const synthesize = (given: Record<string, unknown> = {}) => {
  const outdir = mkdtempSync(join(tmpdir(), 'credits-template-'));
  const app = new App({
    outdir,
    context: {
      ...flags,
      ...given,
      'aws:cdk:bundling-stacks': [],
      // Warnings are asserted, not printed.
      '@aws-cdk/core:annotationsInValidationReport': false,
    },
    // Takes two seconds a stage; synth.test.ts does it once.
    builtinCloudFormationValidation: false,
  });
  const stack = new CreditsStack(
    app,
    'credits',
    readStage((key) => app.node.tryGetContext(key)),
  );
  const template = Template.fromStack(stack);
  const warnings = Annotations.fromStack(stack).findWarning('*', Match.anyValue());
  rmSync(outdir, { recursive: true });
  const resources = z.record(z.string(), resource).parse(template.toJSON()['Resources']);
  const ofType = (type: string): [string, Resource][] => Object.entries(resources).filter(([, r]) => r.Type === type);
  return {
    stack,
    template,
    warnings: warnings.map(({ entry }) => String(entry.data)),
    resources,
    ofType,
    /** The functions behind the routes, by the name of their door. */
    doors: new Map(
      ofType('AWS::Lambda::Function').flatMap(([id, r]): [string, { id: string } & Resource][] => {
        const door = r.Metadata?.['credits:door'];
        return typeof door === 'string' ? [[door, { id, ...r }]] : [];
      }),
    ),
  };
};

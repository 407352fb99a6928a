import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { aroundSdk, bundleDoor, bundleText, isDeployed, sdkPackages } from './bundle.ts';
import type { Bench } from './engine.ts';
import { exact, type Figure, integer, measured, type Section, told } from './figure.ts';
import { EMPTY_HANDLER, importTimes } from './import-time.ts';

/** The doors a run goes through. */
const HOT = ['estimate', 'approve', 'settle'] as const;
/** 60 KB, of 1,024 bytes each, as DynamoDB counts them too. */
const MAX_BYTES = 60 * 1024;
const MAX_IMPORT_MS = 15;

/** Importing takes longer on a busy machine for all bundles alike; the medians of alternating imports are compared. */
export const hotBundles = async (bench: Bench, imports: number): Promise<Section> => {
  const directory = mkdtempSync(join(tmpdir(), 'credits-bundles-'));
  const place = (name: string): string => {
    mkdirSync(join(directory, name));
    return join(directory, name);
  };
  try {
    const assembly = await bench.synthesize();
    const sdk = sdkPackages();
    const empty = await bundleText(EMPTY_HANDLER, place('empty'));
    const doors = await Promise.all(HOT.map((door) => bundleDoor(door, place(door))));
    const [emptyMs = 0, ...doorsMs] = await importTimes([empty, ...doors], imports);
    const emptySdk = aroundSdk(empty, sdk).sdkBytes;
    const figures = HOT.flatMap((door, at): readonly Figure[] => {
      const bundle = doors[at];
      const importMs = doorsMs[at];
      if (bundle === undefined || importMs === undefined) throw new Error(`${door} was not bundled`);
      const { bytes, sdkBytes, joints, parts } = aroundSdk(bundle, sdk);
      const over = importMs - emptyMs;
      return [
        measured(
          `${door}: bytes around the AWS SDK`,
          `≤ ${integer(MAX_BYTES)}`,
          integer(bytes),
          `SDK: ${integer(sdkBytes)}, joints: ${integer(joints)}`,
          bytes <= MAX_BYTES,
        ),
        ...parts.map(([name, each]) => told(`${door}:   ${name}`, integer(each))),
        exact(
          `${door}: Stripe in it`,
          'no',
          parts.some(([name]) => name === 'stripe') ? 'yes' : 'no',
          '',
          !parts.some(([name]) => name === 'stripe'),
        ),
        exact(
          `${door}: the very bundle the stack deploys`,
          'yes',
          isDeployed(bundle, assembly) ? 'yes' : 'no',
          '',
          isDeployed(bundle, assembly),
        ),
        measured(
          `${door}: import over the SDK’s own`,
          `≤ ${MAX_IMPORT_MS} ms`,
          `${over.toFixed(1)} ms`,
          `SDK: ${emptyMs.toFixed(1)} ms, ${integer(emptySdk)} bytes`,
          over <= MAX_IMPORT_MS,
        ),
      ];
    });
    return {
      title: 'The hot Lambdas’ bundles',
      figures,
      notes: [
        `Minified, without the source map. Around the SDK is all that neither the SDK’s packages (\`@aws-sdk\`, \`@smithy\`, \`@aws-crypto\`, \`@aws\`) nor packages only they depend on brought; joints are Node’s imports and esbuild’s helpers, which belong to no module. Compared byte for byte with the synthesized stack’s asset.`,
        `Import: median of ${imports} processes each, in turn, from \`import()\` to a handler with its clients made, as in Lambda’s init phase. The comparison is an empty handler that makes the same clients of the same SDK. A function’s processor is slower than this one; on arm64 with 1,024 MB expect more of both.`,
      ],
    };
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
};

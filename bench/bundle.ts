import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type BuildOptions, build, type Metafile } from 'esbuild';
import * as z from 'zod/mini';
import { ROOT } from './engine.ts';

/** The bundling of lib/infra/door.ts, as CDK hands it to esbuild, with a report of what is in it. `isDeployed` proves it the same. */
const BUNDLING = {
  absWorkingDir: ROOT,
  bundle: true,
  target: 'node20',
  platform: 'node',
  format: 'esm',
  minify: true,
  sourcemap: true,
  sourcesContent: false,
  mainFields: ['module', 'main'],
  logLevel: 'warning',
  metafile: true,
} satisfies BuildOptions;

export interface Bundle {
  readonly file: string;
  readonly bytes: number;
  /** Bytes of code by package, the project's own under names of their own. */
  readonly byPackage: ReadonlyMap<string, number>;
}

const PROJECT = 'this project';
const CATALOG = 'its catalog.json';

/** The innermost package a file belongs to. */
const packageOf = (file: string): string => {
  const within = file.split('node_modules/').at(-1);
  if (within === undefined || within === file) return file.endsWith('catalog.json') ? CATALOG : PROJECT;
  const [scope = '', name = ''] = within.split('/');
  return scope.startsWith('@') ? `${scope}/${name}` : scope;
};

const packagesOf = ({ outputs }: Metafile, output: string): ReadonlyMap<string, number> => {
  const bytes = new Map<string, number>();
  const inputs = Object.entries(outputs).find(([file]) => file.endsWith(output))?.[1].inputs ?? {};
  for (const [file, { bytesInOutput }] of Object.entries(inputs)) {
    bytes.set(packageOf(file), (bytes.get(packageOf(file)) ?? 0) + bytesInOutput);
  }
  return bytes;
};

const bundle = async (entry: Pick<BuildOptions, 'entryPoints' | 'stdin'>, directory: string): Promise<Bundle> => {
  const file = join(directory, 'index.mjs');
  const { metafile } = await build({ ...BUNDLING, ...entry, outfile: file });
  return { file, bytes: readFileSync(file).length, byPackage: packagesOf(metafile, 'index.mjs') };
};

/** A door's Lambda as it is deployed. */
export const bundleDoor = (door: string, directory: string): Promise<Bundle> =>
  bundle({ entryPoints: [`lambdas/${door}/handler.ts`] }, directory);

/** A Lambda of this source text, bundled the same way. */
export const bundleText = (contents: string, directory: string): Promise<Bundle> =>
  bundle({ stdin: { contents, resolveDir: ROOT, sourcefile: 'handler.ts', loader: 'ts' } }, directory);

/** Whether a synthesized cloud assembly holds this very bundle. */
export const isDeployed = ({ file }: Bundle, assembly: string): boolean => {
  const text = readFileSync(file);
  return readdirSync(assembly)
    .filter((name) => name.startsWith('asset.'))
    .map((name) => join(assembly, name, 'index.mjs'))
    .some((asset) => existsSync(asset) && readFileSync(asset).equals(text));
};

const lockfile = z.object({
  packages: z.record(
    z.string(),
    z.object({
      dependencies: z.optional(z.record(z.string(), z.string())),
      peerDependencies: z.optional(z.record(z.string(), z.string())),
    }),
  ),
});

const isSdk = (name: string): boolean => /^@(aws-sdk|smithy|aws-crypto|aws)\//.test(name);

/** The AWS SDK's packages and everything they depend on, unless the project depends on it itself. */
export const sdkPackages = (): ReadonlySet<string> => {
  const { packages } = lockfile.parse(JSON.parse(readFileSync(join(ROOT, 'package-lock.json'), 'utf8')));
  const own = Object.keys(packages['']?.dependencies ?? {}).filter((name) => !isSdk(name));
  const names = Object.keys(packages).map((path) => path.split('node_modules/').at(-1) ?? '');
  const found = new Set(names.filter(isSdk));
  for (const name of found) {
    for (const [path, { dependencies = {} }] of Object.entries(packages)) {
      if (path.endsWith(`node_modules/${name}`)) for (const each of Object.keys(dependencies)) found.add(each);
    }
  }
  for (const name of own) found.delete(name);
  return found;
};

export interface AroundSdk {
  /** Bytes of code that the AWS SDK did not bring. */
  readonly bytes: number;
  readonly sdkBytes: number;
  /** What joins all modules together and belongs to none: imports of Node's own, esbuild's helpers. */
  readonly joints: number;
  /** By package, the largest first. */
  readonly parts: readonly (readonly [name: string, bytes: number])[];
}

export const aroundSdk = ({ bytes, byPackage }: Bundle, sdk: ReadonlySet<string>): AroundSdk => {
  const sum = (parts: readonly (readonly [string, number])[]) => parts.reduce((total, [, each]) => total + each, 0);
  const sdkBytes = sum([...byPackage].filter(([name]) => sdk.has(name)));
  const parts = [...byPackage].filter(([name]) => !sdk.has(name)).sort(([, a], [, b]) => b - a);
  return { bytes: sum(parts), sdkBytes, joints: bytes - sdkBytes - sum(parts), parts };
};

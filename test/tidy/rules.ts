import { posix } from 'node:path';

/**
 * Who may import whom, beside its own folder; an entry that is a folder covers what is in it. Imports point one way; what is not
 * listed is refused, a folder without a row too. `local`, `test` and `bench` stand outside: they import anything, and nothing
 * that is deployed imports them.
 */
const ARROWS: Readonly<Record<string, readonly string[]>> = {
  // Commands that work on one machine's data too.
  bin: ['lib/infra', 'lib/http/contract', 'lib/stripe', 'lib/store', 'lib/catalog', 'lib/domain', 'lambdas', 'local'],
  lambdas: [
    'lambdas/dependencies.ts',
    'lib/http',
    'lib/telemetry',
    'lib/deadline',
    'lib/payments',
    'lib/stripe',
    'lib/store',
    'lib/token',
    'lib/catalog',
    'lib/domain',
    'lib/schema',
  ],
  'lib/infra': ['lib/http/contract', 'lib/telemetry/metric-names.ts', 'lib/catalog', 'lib/domain'],
  'lib/telemetry': ['lib/http/runtime.ts'],
  'lib/http': ['lib/catalog', 'lib/domain', 'lib/schema', 'lib/deadline'],
  'lib/store': ['lib/domain', 'lib/schema', 'lib/deadline'],
  'lib/deadline': [],
  'lib/payments': ['lib/store', 'lib/stripe', 'lib/catalog', 'lib/domain', 'lib/schema', 'lib/http/runtime.ts'],
  'lib/stripe': ['lib/domain', 'lib/schema', 'lib/deadline'],
  'lib/token': ['lib/domain', 'lib/schema'],
  'lib/catalog': ['lib/domain', 'lib/schema'],
  'lib/schema': ['lib/domain'],
  'lib/domain': [],
  // What others take home: it needs nothing of the project.
  client: [],
  examples: ['client'],
};

/** Packages that only some may import. The domain imports none at all. */
const PACKAGES: readonly { readonly named: RegExp; readonly by: readonly string[] }[] = [
  { named: /^(aws-cdk-lib|constructs)(\/|$)/, by: ['bin', 'lib/infra'] },
  { named: /^@aws-sdk\/.*dynamodb/, by: ['lib/store'] },
  { named: /^stripe(\/|$)/, by: ['lib/stripe'] },
  { named: /^./, by: Object.keys(ARROWS).filter((area) => area !== 'lib/domain') },
];

interface TextRule {
  readonly what: string;
  readonly pattern: RegExp;
  readonly within: readonly string[];
  readonly but?: string;
  /** Comments count too. */
  readonly comments?: true;
}

const EVERYWHERE = ['bin', 'lib', 'lambdas', 'local', 'client', 'examples', 'test', 'bench'];
const RUNTIME = 'lib/http/production-runtime.ts';

/** The patterns are written so that they do not find themselves. */
const TEXTS: readonly TextRule[] = [
  {
    what: 'reads the clock: take `now` instead',
    pattern: /\bDate\.now\b|\bDate\(\s*\)|\bperformance\.now\b/,
    within: ['lib', 'lambdas'],
    but: RUNTIME,
  },
  {
    what: 'reads the process: take it from `Runtime`',
    pattern: /\bprocess\./,
    within: ['lib', 'lambdas'],
    but: RUNTIME,
  },
  {
    what: 'is not pure',
    pattern: /\b(await|async|Promise|Math\.random|crypto|fetch|setTimeout|console)\b/,
    within: ['lib/domain'],
  },
  { what: 'silences the compiler', pattern: /\bas (any|unknown as)\b|@ts-(ignore|nocheck)/, within: EVERYWHERE },
  { what: 'patches a module: inject it instead', pattern: /\bvi\.(do)?[m]ock\(/i, within: EVERYWHERE },
  { what: 'leaves work undone', pattern: /\b(TO[D]O|FIX[M]E|XX[X])\b/, within: EVERYWHERE, comments: true },
];

const MAX_LINES: readonly { readonly of: RegExp; readonly lines: number }[] = [
  { of: /^lambdas\/([^/]+\/)+handler\.ts$/, lines: 25 },
  { of: /./, lines: 350 },
];

/** `lib/store/keys.ts` is in `lib/store`, `lambdas/settle/fail.ts` in `lambdas/settle`. */
const folderOf = (file: string): string => {
  const [top = '', next = '', ...rest] = file.split('/');
  return rest.length > 0 && (top === 'lib' || top === 'lambdas') ? `${top}/${next}` : top;
};
const areaOf = (file: string): string => (file.startsWith('lambdas/') ? 'lambdas' : folderOf(file));
const isWithin = (path: string, folder: string): boolean => path === folder || path.startsWith(`${folder}/`);

const importsOf = (text: string): readonly string[] => {
  const still = /^(?:import|export)\b(?:[^'";]*?\bfrom)?\s*'([^']+)'/gm;
  const dynamic = /\bimport\(\s*'([^']+)'/g;
  return [...text.matchAll(still), ...text.matchAll(dynamic)].map((match) => match[1] ?? '');
};

const withoutComments = (text: string): string => text.replace(/\/\*[\s\S]*?\*\//g, '').replace(/(^|\s)\/\/.*$/gm, '');

const importFaults = (file: string, text: string): readonly string[] => {
  const area = areaOf(file);
  const outside = !['bin', 'lib', 'lambdas', 'client', 'examples'].some((top) => isWithin(file, top));
  if (outside) return [];
  const allowed = ARROWS[area];
  if (allowed === undefined) return [`${area} has no row in the table of arrows`];
  return importsOf(text).flatMap((name) => {
    if (name.startsWith('.')) {
      const target = posix.join(posix.dirname(file), name);
      const own = folderOf(target) === folderOf(file);
      return own || allowed.some((each) => isWithin(target, each)) ? [] : [`imports ${target}`];
    }
    return PACKAGES.some(({ named, by }) => named.test(name) && !by.includes(area)) ? [`imports ${name}`] : [];
  });
};

/** What is wrong with one file of the project, a few words each. */
export const faultsOf = (file: string, text: string): readonly string[] => {
  const code = withoutComments(text);
  const words = TEXTS.filter((rule) => rule.within.some((each) => isWithin(file, each)) && rule.but !== file)
    .filter((rule) => rule.pattern.test(rule.comments ? text : code))
    .map((rule) => rule.what);
  const lines = text.trimEnd().split('\n').length;
  const most = MAX_LINES.find(({ of }) => of.test(file))?.lines ?? lines;
  const long = lines > most ? [`has ${lines} lines, of at most ${most}`] : [];
  return [...importFaults(file, text), ...words, ...long];
};

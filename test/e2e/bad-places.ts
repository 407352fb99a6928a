/** What is expected of a junk id: our own refusal, or the gateway's where no route matches. */
interface JunkId {
  readonly it: string;
  readonly id: string;
  readonly status: number;
  readonly code?: string;
}

const notFound = { status: 404, code: 'not_found' } as const;
const unrouted = { status: 404 } as const;

/** Ids of no run, beside one that is. */
export const junkRunIds = (runId: string): readonly JunkId[] => {
  const uuid = runId.slice(0, 36);
  const owner = runId.slice(37);
  const ours: readonly (readonly [string, string])[] = [
    ['a word', 'x'],
    ['its UUID alone', uuid],
    ['its UUID and a dot', `${uuid}.`],
    ['its owner alone', `.${owner}`],
    ['a UUID of another version', `${uuid.slice(0, 14)}4${uuid.slice(15)}.${owner}`],
    ['one that was never made', `${uuid.slice(0, -4)}${uuid.endsWith('0000') ? '1111' : '0000'}.${owner}`],
    ['of an account that never was', `${uuid}.${Buffer.from('nobody').toString('base64url')}`],
    ['of an account named by control characters', `${uuid}.${Buffer.from('\u0000\u001f').toString('base64url')}`],
    ['of bytes that are no text', `${uuid}.${Buffer.from([0xff, 0xfe, 0x80]).toString('base64url')}`],
    ['in capitals', runId.toUpperCase()],
    ['padded', `${runId}=`],
    ['with a blank behind it', `${runId} `],
    ['with a line end behind it', `${runId}\n`],
    ['with a zero behind it', `${runId}\u0000`],
    ['with a fourth part', `${runId}.x`],
    ['with another separator', `${uuid}_${owner}`],
    ['without dashes', runId.replaceAll('-', '')],
    ['401 characters', 'x'.repeat(401)],
    ['5,000 characters', `${runId}${'A'.repeat(5000)}`],
    ['__proto__', '__proto__'],
    ['constructor', 'constructor'],
    ['an expression', `attribute_exists(pk) OR h.#run = :run ${uuid}`],
    ['an injection', `' OR '1'='1' -- ${uuid}`],
    ['a lookup', '$'.concat('{jndi:ldap:example.com:a-name-of-thirty-eight}')],
    ['emoji', '🎬'.repeat(40)],
    ['a path with backslashes', `..\\..\\${uuid}`],
    ['a question mark', `?${uuid}.${owner}`],
  ];
  return [
    ...ours.map(([it, id]) => ({ it, id, ...(it === 'a question mark' ? unrouted : notFound) })),
    { it: 'a way up', id: '../../support', ...unrouted },
    { it: 'a slash in it', id: `${uuid}/${owner}`, ...unrouted },
    { it: 'nothing', id: '', ...unrouted },
  ];
};

export const junkAccountIds: readonly JunkId[] = [
  { it: 'a blank', id: ' ', ...notFound },
  { it: 'a blank in it', id: 'a b', ...notFound },
  { it: 'a zero', id: '\u0000', ...notFound },
  { it: 'a control character', id: 'ann\u0007', ...notFound },
  { it: 'a delete', id: 'ann\u007f', ...notFound },
  { it: 'letters of another script', id: 'аnn', ...notFound },
  { it: 'emoji', id: '🎬', ...notFound },
  { it: '256 characters', id: 'x'.repeat(256), ...notFound },
  { it: '5,000 characters', id: 'x'.repeat(5000), ...notFound },
  { it: 'a slash in it', id: 'ann/grants/x', ...unrouted },
  { it: 'a way up', id: '../../balance', ...unrouted },
  { it: 'nothing', id: '', ...unrouted },
];

interface JunkQuery {
  readonly name: string;
  readonly value: string;
  readonly beside?: Readonly<Record<string, string>>;
}

const of = (name: string, values: readonly string[]): JunkQuery[] => values.map((value) => ({ name, value }));

const NO_INSTANTS = [
  '',
  'yesterday',
  '2027-01-01',
  '2027-01-01T00:00:00',
  '2027-01-01T00:00:00+01',
  '2027-01-01T00:00:00+0100',
  '2027-01-01T00:00:00+24:00',
  '9999-12-31T23:59:59-01:00',
  '2027-13-01T00:00:00Z',
  '2027-02-30T00:00:00Z',
  '2027-01-01T24:00:00Z',
  '2027-01-01T00:00:60Z',
  '1767225600000',
  '1e12',
  'now()',
  '+275760-09-13T00:00:00Z',
  '٢٠٢٧-01-01T00:00:00Z',
];

/** One parameter of the history that is wrong, at its path. */
export const junkQueries: readonly JunkQuery[] = [
  ...of('limit', ['0', '-1', '1e3', 'abc', '', ' 1', '1 ', '1.5', '+5', '0x10', '101', '99999', '100000', '１', '[]']),
  ...of('limit', ['9'.repeat(400), '1;drop', '\u0000', 'NaN', 'Infinity', 'null', '__proto__']),
  ...['0', '5001', '-1', 'abc'].map((value) => ({ name: 'limit', value, beside: { format: 'csv' } })),
  ...of('kind', ['', 'RUN', 'runs', 'run,grant', '*', '__proto__', 'constructor', 'toString', ' run']),
  ...of('from', NO_INSTANTS),
  ...of('to', NO_INSTANTS),
  ...of('format', ['', 'xml', 'JSON', 'csv ', '__proto__', '../csv']),
  ...of('cursor', ['', 'x', 'x'.repeat(4097), '0', 'null', '..', '__proto__', '\u0000', '🎬']),
  ...of('page', ['2']),
  ...of('offset', ['10']),
  ...of('accountId', ['bob']),
  ...of('__proto__', ['1']),
  ...of('constructor', ['1']),
  ...of('toString', ['1']),
];

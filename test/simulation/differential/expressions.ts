import fc from 'fast-check';

/** A piece of an expression: `?` stands for a value, in their order. */
export interface Piece {
  readonly text: string;
  readonly values: readonly unknown[];
}

const piece = (text: string, ...values: readonly unknown[]): Piece => ({ text, values });
const join = (by: string, pieces: readonly Piece[]): Piece => ({
  text: pieces.map(({ text }) => text).join(by),
  values: pieces.flatMap(({ values }) => values),
});
const around = (before: string, { text, values }: Piece, after: string): Piece => ({
  text: before + text + after,
  values,
});

const number = fc.oneof(fc.integer({ min: -3, max: 12 }), fc.constantFrom(1200, 1_767_225_600_000));
/** Some bring an item close to a unit's 1 KB, so that each byte counts. */
const text = fc.oneof(
  { weight: 6, arbitrary: fc.constantFrom('x', 'xy', 'y', 'é', '', 'y'.repeat(5000)) },
  { weight: 1, arbitrary: fc.integer({ min: 880, max: 1010 }).map((length) => 'x'.repeat(length)) },
);
const setOf = <T>(members: readonly T[]) =>
  fc.uniqueArray(fc.constantFrom(...members), { minLength: 1 }).map((list) => new Set(list));
const strings = setOf(['x', 'y', 'z']);
const numbers = setOf([0, 1, 2, 30]);
const scalar = fc.oneof(number, text, fc.boolean(), fc.constant(null));
const list = fc.array(scalar, { maxLength: 3 });
const map = fc.record({ a: number, b: scalar, l: list }, { requiredKeys: [] });
const anything: fc.Arbitrary<unknown> = fc.oneof(scalar, list, map, strings, numbers);

/** What usually stands in an attribute, so that most requests mean something; now and then anything. */
const odd = <T>(usual: fc.Arbitrary<T>): fc.Arbitrary<unknown> =>
  fc.oneof({ weight: 12, arbitrary: usual }, { weight: 1, arbitrary: anything });
const usual = {
  a: odd(number),
  b: odd(text),
  m: odd(map),
  l: odd(list),
  s: odd(strings),
  n: odd(numbers),
  q: odd(fc.constantFrom('q1', 'q2')),
  e: odd(number),
  t: odd(number),
};

/** Attributes of an item beside its key. */
export const attributes = fc.record(usual, { requiredKeys: [] });

const NAMES = ['a', 'b', 'm', 'l', 's', 'n', 'q', 'e', 't'] as const;
const NESTED = [
  'm.a',
  'm.b',
  'm.l',
  'm.l[0]',
  'm.c',
  'l[0]',
  'l[1]',
  'l[3]',
  '#a',
  '#m.#a',
  '#m.#b',
  '#l[0]',
  'absent',
];
const path = fc.constantFrom<string>(...NAMES, ...NESTED);
/** The engine fills a list up with nulls as far as a place beyond its end; DynamoDB appends. So none but the first is set. */
const target = fc.constantFrom<string>(
  ...NAMES,
  ...NESTED.filter((each) => each === 'l[0]' || each === 'm.l[0]' || !each.endsWith(']')),
);
const onPath = path.map((each) => piece(each));
const given = (of: fc.Arbitrary<unknown>) => of.map((value) => piece('?', value));
const operand = fc.oneof(
  { weight: 5, arbitrary: onPath },
  { weight: 4, arbitrary: given(fc.oneof(number, text)) },
  { weight: 1, arbitrary: given(anything) },
  { weight: 1, arbitrary: path.map((each) => piece(`size(${each})`)) },
);

const comparison = fc
  .tuple(operand, fc.constantFrom('=', '<>', '<', '<=', '>', '>='), operand)
  .map(([left, how, right]) => join(` ${how} `, [left, right]));
const between = fc
  .tuple(operand, operand, operand)
  .map(([of, low, high]) => join(' BETWEEN ', [of, join(' AND ', [low, high])]));
const within = fc
  .tuple(operand, fc.array(operand, { minLength: 1, maxLength: 3 }))
  .map(([of, members]) => join(' IN ', [of, around('(', join(', ', members), ')')]));
const called = fc.oneof(
  path.map((each) => piece(`attribute_exists(${each})`)),
  path.map((each) => piece(`attribute_not_exists(${each})`)),
  fc
    .tuple(path, fc.constantFrom('S', 'N', 'M', 'L', 'SS', 'NS', 'BOOL', 'NULL', 'B', 'X'))
    .map(([each, type]) => piece(`attribute_type(${each}, ?)`, type)),
  fc.tuple(onPath, operand).map((both) => around('begins_with(', join(', ', both), ')')),
  fc
    .tuple(onPath, fc.oneof(operand, given(fc.constantFrom('x', 1, 2))))
    .map((both) => around('contains(', join(', ', both), ')')),
);
export const condition = fc.letrec<{ all: Piece }>((tie) => ({
  all: fc.oneof(
    { maxDepth: 3, depthSize: 'small' },
    { weight: 6, arbitrary: fc.oneof(comparison, comparison, between, within, called, called) },
    { weight: 1, arbitrary: tie('all').map((each) => around('NOT ', each, '')) },
    { weight: 1, arbitrary: tie('all').map((each) => around('(', each, ')')) },
    {
      weight: 2,
      arbitrary: fc
        .tuple(tie('all'), fc.constantFrom(' AND ', ' OR '), tie('all'))
        .map(([left, word, right]) => join(word, [left, right])),
    },
  ),
})).all;

const term = fc.letrec<{ term: Piece }>((tie) => ({
  term: fc.oneof(
    { maxDepth: 2, depthSize: 'small' },
    { weight: 5, arbitrary: given(odd(number)) },
    { weight: 3, arbitrary: onPath },
    {
      weight: 2,
      arbitrary: fc.tuple(onPath, tie('term')).map((both) => around('if_not_exists(', join(', ', both), ')')),
    },
    {
      weight: 1,
      arbitrary: fc.tuple(tie('term'), given(odd(list))).map((both) => around('list_append(', join(', ', both), ')')),
    },
  ),
})).term;

const set = fc.oneof(
  fc.constantFrom(...NAMES).chain((name) => usual[name].map((value) => piece(`${name} = ?`, value))),
  fc.tuple(target, term).map(([to, value]) => join(' = ', [piece(to), value])),
  fc
    .tuple(target, term, fc.constantFrom(' + ', ' - '), term)
    .map(([to, left, sign, right]) => join(' = ', [piece(to), join(sign, [left, right])])),
  fc.constantFrom('a', 'e', 't', 'm.a', '#m.#a').map((each) => piece(`${each} = ${each} + ?`, 1)),
);
const add = fc.oneof(
  usual.s.map((value) => piece('s ?', value)),
  usual.n.map((value) => piece('n ?', value)),
  fc.tuple(target, odd(number)).map(([to, value]) => piece(`${to} ?`, value)),
);
const take = fc.oneof(
  usual.s.map((value) => piece('s ?', value)),
  usual.n.map((value) => piece('n ?', value)),
  fc.tuple(path, odd(strings)).map(([from, value]) => piece(`${from} ?`, value)),
);
const clause = (word: string, of: fc.Arbitrary<Piece>, freq: number) =>
  fc.option(
    fc.array(of, { minLength: 1, maxLength: 3 }).map((actions) => around(`${word} `, join(', ', actions), '')),
    { nil: null, freq },
  );
export const update = fc
  .tuple(clause('SET', set, 6), clause('REMOVE', onPath, 1), clause('ADD', add, 1), clause('delete', take, 1))
  .map((clauses) => clauses.filter((each) => each !== null))
  .filter((clauses) => clauses.length > 0)
  .map((clauses) => join(' ', clauses));

export const projection = fc.array(onPath, { minLength: 1, maxLength: 3 }).map((paths) => join(', ', paths));

const ranges = (of: fc.Arbitrary<unknown>, name: string) =>
  fc.oneof(
    fc.constant(null),
    fc.tuple(fc.constantFrom('=', '<', '<=', '>', '>='), of).map(([how, value]) => piece(`${name} ${how} ?`, value)),
    fc.tuple(of, of).map(([low, high]) => piece(`${name} BETWEEN ? AND ?`, low, high)),
  );
const keyed = (hash: fc.Arbitrary<Piece>, range: fc.Arbitrary<Piece | null>) =>
  fc.tuple(hash, range).map(([own, more]) => (more === null ? own : join(' AND ', [own, more])));

export const SORT_KEYS = ['a', 'ab', 'b', 'ba', '~'] as const;
export const PARTITIONS = ['p', 'p', 'r'] as const;
export const tableKeyed = keyed(
  fc.constantFrom(...PARTITIONS).map((value) => piece('pk = ?', value)),
  fc.oneof(
    { weight: 3, arbitrary: ranges(fc.constantFrom<unknown>(...SORT_KEYS, 'A', 'zz'), 'sk') },
    // The engine begins a sort key with either case of a letter; DynamoDB does not. So none is asked for in capitals.
    fc.constantFrom('a', 'b', 'ab', '~', 'zz').map((prefix) => piece('begins_with(sk, ?)', prefix)),
  ),
);
export const indexKeyed = (range: string) =>
  keyed(
    fc.constantFrom('q1', 'q1', 'q2').map((value) => piece('q = ?', value)),
    ranges(number, range),
  );

const ALIASES = ['#a', '#b', '#m', '#l'];

/** A request's expressions by the names of their parameters, values numbered through and names given. */
export const expressions = (pieces: Readonly<Record<string, Piece | null>>) => {
  const values: Record<string, unknown> = {};
  const texts: Record<string, string> = {};
  for (const [name, each] of Object.entries(pieces)) {
    if (each === null) continue;
    const own = [...each.values];
    texts[name] = each.text.replaceAll('?', () => {
      const key = `:v${Object.keys(values).length}`;
      values[key] = own.shift();
      return key;
    });
  }
  const used = ALIASES.filter((alias) => Object.values(texts).some((each) => each.includes(alias)));
  return {
    ...texts,
    ...(used.length === 0 ? {} : { ExpressionAttributeNames: Object.fromEntries(used.map((a) => [a, a.slice(1)])) }),
    ...(Object.keys(values).length === 0 ? {} : { ExpressionAttributeValues: values }),
  };
};

import type * as z from 'zod/mini';
import { badParameter } from './api-fault.ts';
import type { Moment } from './moment.ts';

type Method = 'GET' | 'POST' | 'DELETE';

/** One call of Stripe's API: `POST /v1/customers/:id`. */
export interface Call {
  readonly method: Method;
  readonly path: string;
  /** The object it answers with. Throws an `ApiFault`. */
  readonly answer: (moment: Moment, params: unknown, id: string) => object;
  readonly pattern: RegExp;
}

/** `items[0][price]` */
const paramName = (path: readonly PropertyKey[]): string =>
  path.map((step, index) => (index === 0 ? String(step) : `[${String(step)}]`)).join('');

const faultOf = (issue: z.core.$ZodIssue) => {
  // A union's own issue says nothing; that of its last form, the most general, does.
  if (issue.code === 'invalid_union') {
    const inner = issue.errors.at(-1)?.[0];
    if (inner !== undefined) return faultOf({ ...inner, path: [...issue.path, ...inner.path] });
  }
  if (issue.code === 'unrecognized_keys') {
    const name = paramName([...issue.path, issue.keys[0] ?? '']);
    return badParameter(name, `Received unknown parameter: ${name}`, 'parameter_unknown');
  }
  const name = paramName(issue.path);
  if (issue.input === undefined) return badParameter(name, `Missing required param: ${name}.`, 'parameter_missing');
  return badParameter(name, `Invalid ${name}: ${issue.message}`, 'parameter_invalid');
};

/** A call with its parameters parsed: the first fault in them is the answer. */
export const call = <Params>(
  method: Method,
  path: string,
  params: z.ZodMiniType<Params>,
  answer: (moment: Moment, params: Params, id: string) => object,
): Call => ({
  method,
  path,
  pattern: new RegExp(`^${path.replace(':id', '([^/]+)')}$`),
  answer: (moment, given, id) => {
    const parsed = params.safeParse(given, { reportInput: true });
    if (parsed.success) return answer(moment, parsed.data, id);
    const [issue] = parsed.error.issues;
    throw issue === undefined ? badParameter('', 'Invalid request') : faultOf(issue);
  },
});

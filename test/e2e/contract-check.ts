import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import formats from 'ajv-formats';
import * as z from 'zod/mini';
import { type ContractDocument, type DescribedOperation, operationAt, readContract } from './contract-document.ts';
import { type Reply, type RequestOptions, type SystemOptions, startSystem, type TestSystem } from './harness.ts';
import { sendRaw } from './raw-request.ts';

const DOCUMENT = 'contract';
/** A refusal tells its reader what to mend, and hands back no more of what was sent than that needs. */
const MOST_REFUSAL_BYTES = 2048;
/** Stacks, paths, modules and the names of what is behind the API. */
const INTERNAL =
  /node_modules|node:|file:|\.[cm]?[jt]s\b|\bat \S+ \(|\/(work|tmp|home|root|var|usr)\/|dynamo|sqlite|\bzod\b|middy|\baws\b|\bpk\b|\bsk\b|\btable\b|Error:|undefined|\[object/i;

const problem = z.looseObject({
  type: z.string(),
  title: z.string(),
  status: z.int(),
  code: z.string(),
  errors: z.optional(
    z.array(z.strictObject({ path: z.string().check(z.minLength(1)), message: z.string().check(z.minLength(1)) })),
  ),
});
const gatewayMessage = z.strictObject({ message: z.string() });

/** A system every answer of which is checked against the contract it serves. */
export interface CheckedSystem extends TestSystem {
  readonly contract: ContractDocument;
  /** `request` for what `fetch` will not send: unnormalized paths, a GET with a body. */
  readonly raw: (method: string, path: string, options?: RequestOptions) => Promise<Reply>;
  /** `operationId status code` of every answer so far. */
  readonly seen: ReadonlySet<string>;
}

class Breach extends Error {
  override readonly name = 'BreachOfContract';
}

type Compile = (pointer: readonly string[]) => ValidateFunction;

const compiler = (json: object): Compile => {
  const ajv = new Ajv2020({ strict: false, allErrors: false });
  formats.default(ajv);
  ajv.addSchema({ $id: DOCUMENT, ...json });
  const compiled = new Map<string, ValidateFunction>();
  return (pointer) => {
    const place = pointer.map((step) => encodeURIComponent(step.replaceAll('~', '~0').replaceAll('/', '~1'))).join('/');
    const known = compiled.get(place) ?? ajv.compile({ $ref: `${DOCUMENT}#/${place}` });
    compiled.set(place, known);
    return known;
  };
};

const must = (holds: boolean, what: string): void => {
  if (!holds) throw new Breach(what);
};

const mustMatch = (validate: ValidateFunction, value: unknown, what: string): void =>
  must(validate(value) === true, `${what}: ${JSON.stringify(validate.errors)} in ${JSON.stringify(value)}`);

const mustBeWhole = (text: string | null, what: string): void =>
  must(text !== null && /^[1-9]\d*$/.test(text), `${what} is ${text}`);

/** What every refusal of ours promises, beyond its schema. Returns its code. */
const checkProblem = (reply: Reply, codes: string): string => {
  const { status, code, type, errors } = problem.parse(reply.body);
  must(status === reply.status, `says status ${status}`);
  must(codes.includes(`\`${code}\``), `code ${code} is not documented there`);
  must(type === `urn:credits:problem:${code}`, `type ${type} of code ${code}`);
  must((code === 'validation_failed') === (errors !== undefined && errors.length > 0), 'errors and code differ');
  if (status === 429 || status === 503) mustBeWhole(reply.headers.get('retry-after'), 'Retry-After');
  return code;
};

const mediaType = ({ headers }: Reply): string => (headers.get('content-type') ?? '').split(';')[0]?.trim() ?? '';

const checkRefusalText = ({ text }: Reply): void => {
  must(Buffer.byteLength(text) <= MOST_REFUSAL_BYTES, `a refusal of ${Buffer.byteLength(text)} bytes`);
  must(!INTERNAL.test(text), 'something internal shows');
};

const checkUnrouted = (reply: Reply): void => {
  must(reply.status === 404 || reply.status === 400, 'no operation of the contract, and yet an answer');
  const { message } = gatewayMessage.parse(reply.body);
  must(message === (reply.status === 404 ? 'Not Found' : 'Bad Request'), `the gateway does not say ${message}`);
  must(mediaType(reply) === 'application/json', `the gateway does not send ${mediaType(reply)}`);
};

/** What was accepted must be what the document allows. */
const checkAccepted = (compile: Compile, operation: DescribedOperation, path: string, sent: RequestOptions): void => {
  const at = ['paths', operation.path, operation.method.toLowerCase()];
  if (operation.requestBody !== undefined) {
    const text = typeof sent.rawBody === 'string' ? sent.rawBody : JSON.stringify(sent.body ?? {});
    const validate = compile([...at, 'requestBody', 'content', 'application/json', 'schema']);
    mustMatch(validate, JSON.parse(text), 'accepted though the document does not allow the body');
  }
  const query = new URLSearchParams(path.split('?')[1] ?? '');
  for (const [index, { name, in: place, required }] of operation.parameters.entries()) {
    const given = place === 'query' ? query.get(name) : undefined;
    must(!(place === 'query' && required && given === null), `accepted without ${name}`);
    if (typeof given !== 'string') continue;
    mustMatch(compile([...at, 'parameters', String(index), 'schema']), given, `accepted ${name}`);
  }
};

const check = (
  contract: ContractDocument,
  compile: Compile,
  method: string,
  path: string,
  sent: RequestOptions,
  reply: Reply,
): string => {
  if (reply.status >= 400) checkRefusalText(reply);
  const operation = operationAt(contract, method, path.replace(/\?.*$/s, ''));
  if (operation === undefined) {
    checkUnrouted(reply);
    return `none ${reply.status}`;
  }
  const { status } = reply;
  const documented = operation.responses[status];
  if (documented === undefined) throw new Breach(`status ${status} is not documented`);
  const type = mediaType(reply);
  must(Object.hasOwn(documented.content, type), `${type} is not documented for ${status}`);
  const at = ['paths', operation.path, operation.method.toLowerCase(), 'responses', String(status), 'content', type];
  mustMatch(compile([...at, 'schema']), type.endsWith('json') ? reply.body : reply.text, 'the body breaks its schema');
  if (status < 400) {
    checkAccepted(compile, operation, path, sent);
    return `${operation.operationId} ${status}`;
  }
  if (type === 'application/problem+json') {
    return `${operation.operationId} ${status} ${checkProblem(reply, documented.description)}`;
  }
  gatewayMessage.parse(reply.body);
  return `${operation.operationId} ${status} gateway`;
};

/** Starts a system and checks all that the API answers from then on; a breach fails the test that asked. */
export const startChecked = async (options?: SystemOptions): Promise<CheckedSystem> => {
  const system = await startSystem(options);
  const contract = readContract((await system.request('GET', '/v1/openapi.json')).body);
  const compile = compiler(contract.json);
  const seen = new Set<string>();

  const checked =
    (send: TestSystem['request']): TestSystem['request'] =>
    async (method, path, sent = {}) => {
      const reply = await send(method, path, sent);
      if (!path.startsWith('/v1')) return reply;
      try {
        seen.add(check(contract, compile, method, path, sent, reply));
      } catch (fault) {
        const why = fault instanceof Error ? fault.message : String(fault);
        const answer = `${reply.status} ${reply.text.slice(0, 1000)}`;
        throw new Breach(`${method} ${path.slice(0, 200)} → ${answer}\n${why}`);
      }
      return reply;
    };

  return {
    ...system,
    get url() {
      return system.url;
    },
    contract,
    seen,
    request: checked(system.request),
    raw: checked((method, path, sent) => sendRaw(system.url, method, path, sent)),
  };
};

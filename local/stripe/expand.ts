import { badParameter } from './api-fault.ts';
import type { Moment } from './moment.ts';
import { includable, objectById } from './object-by-id.ts';

const MAX_DEPTH = 4;

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Plain JSON: what the SDK's types hold as a `Decimal` is text on the wire. */
const asJson = (value: unknown): unknown => JSON.parse(JSON.stringify(value));

const textOf = (value: unknown): string => (typeof value === 'string' ? value : '');

/** Puts the object in the place of its id along one path. What is `null` stays so. */
const expandPath = (moment: Moment, value: unknown, path: readonly string[], whole: string): unknown => {
  const [key, ...rest] = path;
  if (key === undefined || value === null) return value;
  if (Array.isArray(value)) return value.map((one) => expandPath(moment, one, path, whole));
  const fault = () => badParameter('expand', `This property cannot be expanded (${whole}).`);
  if (!isObject(value)) throw fault();
  const given = value[key] ?? asJson(includable(moment, value['object'], textOf(value['id']), key) ?? null);
  if (given === null && !(key in value)) throw fault();
  if (typeof given !== 'string') {
    if (rest.length === 0 && given !== null && !isObject(given)) throw fault();
    return { ...value, [key]: expandPath(moment, given, rest, whole) };
  }
  const object = key === 'id' ? undefined : objectById(moment, given);
  if (object === undefined) throw fault();
  return { ...value, [key]: expandPath(moment, asJson(object), rest, whole) };
};

/** https://docs.stripe.com/api/expanding_objects */
export const expanded = (moment: Moment, object: object, paths: readonly string[]): unknown =>
  paths.reduce<unknown>((value, path) => {
    const steps = path.split('.');
    if (steps.length > MAX_DEPTH + (steps[0] === 'data' ? 1 : 0))
      throw badParameter('expand', `You cannot expand more than ${MAX_DEPTH} levels of a property (${path}).`);
    return expandPath(moment, value, steps, path);
  }, asJson(object));

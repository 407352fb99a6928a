import * as z from 'zod/mini';
import { type Answer, gatewayAnswer } from './http-answer.ts';

const result = z.object({
  statusCode: z.int().check(z.minimum(100), z.maximum(599)),
  headers: z.optional(z.record(z.string(), z.union([z.string(), z.number(), z.boolean()]))),
  cookies: z.optional(z.array(z.string())),
  body: z.nullish(z.string()),
  isBase64Encoded: z.optional(z.boolean()),
});

/**
 * A function's result as HTTP, by payload format 2.0: one without a `statusCode` is itself the body of a 200, one that is not of
 * the format is a 500.
 */
export const toAnswer = (value: unknown): Answer => {
  if (value === undefined || value === null) return gatewayAnswer.internal;
  if (typeof value !== 'object' || !('statusCode' in value)) {
    const body = typeof value === 'string' ? value : JSON.stringify(value);
    return { status: 200, headers: { 'content-type': 'application/json' }, body };
  }
  const parsed = result.safeParse(value);
  if (!parsed.success) return gatewayAnswer.internal;
  const { statusCode, headers = {}, cookies, body, isBase64Encoded } = parsed.data;
  const lowered = Object.entries(headers).map(([name, content]): [string, string] => [
    name.toLowerCase(),
    String(content),
  ]);
  return {
    status: statusCode,
    headers: {
      ...(body && { 'content-type': 'text/plain; charset=utf-8' }),
      ...Object.fromEntries(lowered),
      ...(cookies && { 'set-cookie': cookies }),
    },
    body: isBase64Encoded ? Buffer.from(body ?? '', 'base64') : (body ?? ''),
  };
};

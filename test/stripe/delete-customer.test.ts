import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { deleteCustomer } from '../../lib/stripe/delete-customer.ts';
import { stripeClient } from '../../lib/stripe/stripe-client.ts';

type Answer = readonly [status: number, body: unknown];

/** A Stripe that gives these answers, by method, and what it was asked. */
const answering = async (answers: Readonly<Record<string, Answer>>) => {
  const asked: string[] = [];
  const server = createServer((request, response) => {
    asked.push(`${request.method} ${request.url}`);
    const [status, body] = answers[request.method ?? ''] ?? [500, {}];
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  const address: AddressInfo | string | null = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return { asked, stripe: stripeClient({ apiKey: 'sk_test_1', endpoint: `http://127.0.0.1:${address.port}` }) };
};

const refused = (message: string, code?: string): unknown => ({
  error: { type: 'invalid_request_error', message, ...(code !== undefined && { code }) },
});
const missing = [404, refused('No such customer', 'resource_missing')] as const;
const deleted = [200, { id: 'cus_1', object: 'customer', deleted: true }] as const;

test('a customer is deleted', async () => {
  const { asked, stripe } = await answering({ DELETE: deleted });
  await deleteCustomer(stripe, 'cus_1');
  expect(asked).toEqual(['DELETE /v1/customers/cus_1']);
});

test('one that was deleted before is done', async () => {
  const { asked, stripe } = await answering({ DELETE: missing, GET: deleted });
  await deleteCustomer(stripe, 'cus_1');
  expect(asked).toEqual(['DELETE /v1/customers/cus_1', 'GET /v1/customers/cus_1']);
});

test.each([
  ['that the key’s account does not know', { DELETE: missing, GET: missing }, 'No such customer'],
  ['that the key may not delete', { DELETE: [403, refused('No permission')] as const }, 'No permission'],
])('one %s is a fault, never taken for deleted', async (_, answers, why) => {
  const { stripe } = await answering(answers);
  await expect(deleteCustomer(stripe, 'cus_1')).rejects.toThrow(why);
});

import { expect, test } from 'vitest';
import * as z from 'zod/mini';
import { openWebhook } from './webhooks-shop.ts';

const event = z.looseObject({ data: z.looseObject({ object: z.looseObject({}) }) });
type Event = z.infer<typeof event>;

const inObject =
  (place: string, value: unknown) =>
  (given: Event): object => ({ ...given, data: { ...given.data, object: { ...given.data.object, [place]: value } } });
const atTop =
  (place: string, value: unknown) =>
  (given: Event): object => ({ ...given, [place]: value });

/** Half of a surrogate pair: JSON can say it, and no table can keep it. */
const HALF = '\ud800';
const AFTER_9999 = 253_402_300_800;

test.each([
  ['session.client_reference_id', 'of 256 characters', inObject('client_reference_id', 'x'.repeat(256))],
  ['session.client_reference_id', 'that is half a character', inObject('client_reference_id', HALF)],
  ['session.customer', 'of 3,000 characters', inObject('customer', 'x'.repeat(3000))],
  ['session.customer.id', 'in an object, as long', inObject('customer', { id: 'x'.repeat(3000) })],
  ['session.customer', 'that is half a character', inObject('customer', HALF)],
  ['session.payment_intent', 'of 3,000 characters', inObject('payment_intent', 'x'.repeat(3000))],
  ['session.payment_intent', 'that ends in half a character', inObject('payment_intent', `pi_${HALF}`)],
  ['session.payment_intent', 'that is empty', inObject('payment_intent', '')],
  ['event.created', 'after the year 9999', atTop('created', AFTER_9999)],
  ['event.created', 'before 1970', atTop('created', -1)],
  ['$', 'whose own id is of 256 characters', atTop('id', 'x'.repeat(256))],
  ['$', 'whose type is of a million', atTop('type', 'x'.repeat(1_000_000))],
])('a signed event with %s %s is 400 and an error, and grants nothing', async (path, _, change) => {
  const { pay, deliver, packs, log } = await openWebhook();
  const { body } = await pay('ann');
  const answer = await deliver(JSON.stringify(change(event.parse(JSON.parse(body)))));
  expect(answer).toMatchObject({ status: 400, body: { code: 'validation_failed', errors: [{ path }] } });
  const why = path === '$' ? { level: 'WARN', why: 'no_event' } : { level: 'ERROR', why: 'unknown_shape' };
  expect(log.map((line) => JSON.parse(line))).toMatchObject([why]);
  expect(log.join().length).toBeLessThan(1000);
  expect(await packs('ann')).toEqual([]);
  expect(await deliver(body)).toMatchObject({ status: 200 });
  expect(await packs('ann')).toEqual([500]);
});

test('the longest id and the last instant there can be are taken', async () => {
  const { pay, deliver, packs } = await openWebhook();
  const { body } = await pay('ann');
  const longest = inObject('payment_intent', '♥'.repeat(255))(event.parse(JSON.parse(body)));
  const last = JSON.stringify({ ...longest, created: AFTER_9999 - 1 });
  expect(await deliver(last)).toMatchObject({ status: 200 });
  expect(await packs('ann')).toEqual([500]);
});

import Stripe from 'stripe';
import { describe, expect, test } from 'vitest';
import { verifyWebhook } from '../../lib/stripe/verify-webhook.ts';

const NOW_MS = Date.UTC(2027, 0, 31, 12);
const NOW_S = NOW_MS / 1000;
const BODY = JSON.stringify(
  { id: 'evt_1', object: 'event', type: 'a.b', created: NOW_S, data: { object: {} } },
  null,
  2,
);

const sign = (payload: string, secret = 'whsec_new', timestamp = NOW_S): string =>
  Stripe.webhooks.generateTestHeaderString({ payload, secret, timestamp });

/** A verifier, the clock it goes by, and what is in Secrets Manager. */
const verifier = (...secrets: string[]) => {
  const world = { nowMs: NOW_MS, secrets, read: 0 };
  const verify = verifyWebhook(
    {
      now: () => world.nowMs,
      readSecret: async () => {
        world.read++;
        return JSON.stringify({ secrets: world.secrets });
      },
    },
    'secret',
  );
  return { world, verify: (body: string, header: string | undefined) => verify(Buffer.from(body), header) };
};

describe('a signature', () => {
  const v1 = sign(BODY).replace(/^.*v1=/, '');
  test.each<[it: string, header: string | undefined, accepted: boolean]>([
    ['of now', sign(BODY), true],
    ['with the secret before', sign(BODY, 'whsec_old'), true],
    ['with the secret before that', sign(BODY, 'whsec_older'), false],
    ['with another secret', sign(BODY, 'whsec_forged'), false],
    ['300 seconds old', sign(BODY, 'whsec_new', NOW_S - 300), true],
    ['301 seconds old', sign(BODY, 'whsec_new', NOW_S - 301), false],
    ['300 seconds ahead', sign(BODY, 'whsec_new', NOW_S + 300), true],
    ['301 seconds ahead', sign(BODY, 'whsec_new', NOW_S + 301), false],
    ['of long ago, with a second instant of now', `${sign(BODY, 'whsec_new', NOW_S - 999)},t=${NOW_S}`, false],
    ['of now, among others', `t=${NOW_S},v1=00,v0=11,v1=${v1}`, true],
    ['of an older scheme', `t=${NOW_S},v0=${v1}`, false],
    ['of another body', sign(`${BODY} `), false],
    ['without an instant', `v1=${v1}`, false],
    ['with an instant that is no number', `t=now,v1=${v1}`, false],
    ['without a signature', `t=${NOW_S}`, false],
    ['that is a comma', ',', false],
    ['that is empty', '', false],
    ['that is not there', undefined, false],
  ])('%s', async (_, header, accepted) => {
    const { verify } = verifier('whsec_new', 'whsec_old', 'whsec_older');
    const verified = await verify(BODY, header);
    if (accepted) expect(verified).toMatchObject({ id: 'evt_1', type: 'a.b' });
    else expect(verified).toBe('not_signed');
  });

  test.each([
    ['one byte more', `${BODY}\n`],
    ['other spaces', JSON.stringify(JSON.parse(BODY))],
    ['another amount', BODY.replace('evt_1', 'evt_2')],
    ['nothing left', ''],
  ])('does not fit a body altered since: %s', async (_, body) => {
    const { verify } = verifier('whsec_new');
    expect(await verify(body, sign(BODY))).toBe('not_signed');
  });

  test.each([
    '',
    'null',
    '[]',
    '{',
    '"evt_1"',
    '{"id":"evt_1"}',
    '{"id":1,"type":"a.b"}',
    '{"object":"v2.core.event"}',
  ])('fits %j, which is no event', async (body) => {
    const { verify } = verifier('whsec_new');
    expect(await verify(body, sign(body))).toBe('no_event');
  });

  test('is judged byte for byte: what is not UTF-8 is not read as if it were', async () => {
    const { world } = verifier('whsec_new');
    const source = { now: () => world.nowMs, readSecret: async () => '{"secrets":["whsec_new"]}' };
    const raw = Buffer.concat([Buffer.from(BODY), Buffer.from([0xff])]);
    expect(await verifyWebhook(source, 'secret')(raw, sign(BODY))).toBe('not_signed');
  });
});

describe('the secret', () => {
  test('is read once in five minutes', async () => {
    const { world, verify } = verifier('whsec_new');
    await Promise.all([verify(BODY, sign(BODY)), verify(BODY, sign(BODY))]);
    world.nowMs += 5 * 60_000 - 1;
    await verify(BODY, sign(BODY, 'whsec_new', NOW_S + 299));
    expect(world.read).toBe(1);
    world.nowMs += 1;
    await verify(BODY, sign(BODY, 'whsec_new', NOW_S + 300));
    expect(world.read).toBe(2);
  });

  test('rotated in is known a minute after it was last read; the one before is accepted on', async () => {
    const { world, verify } = verifier('whsec_one');
    await verify(BODY, sign(BODY, 'whsec_one'));
    world.secrets = ['whsec_two', 'whsec_one'];
    world.nowMs += 59_999;
    expect(await verify(BODY, sign(BODY, 'whsec_two', NOW_S + 59))).toBe('not_signed');
    world.nowMs += 1;
    expect(await verify(BODY, sign(BODY, 'whsec_two', NOW_S + 60))).toMatchObject({ id: 'evt_1' });
    expect(await verify(BODY, sign(BODY, 'whsec_one', NOW_S + 60))).toMatchObject({ id: 'evt_1' });
    expect(world.read).toBe(2);
  });

  test('is not read again for any number of forgeries within a minute, nor ever for one without a signature', async () => {
    const { world, verify } = verifier('whsec_new');
    for (let at = 0; at < 100; at++) await verify(BODY, sign(BODY, 'whsec_forged'));
    expect(world.read).toBe(1);
    world.nowMs += 60_000;
    for (let at = 0; at < 100; at++) await verify(BODY, sign(BODY, 'whsec_forged', NOW_S + 60));
    expect(world.read).toBe(2);
    world.nowMs += 3_600_000;
    for (const header of [undefined, '', 'x', sign(BODY, 'whsec_new')]) await verify(BODY, header);
    expect(world.read).toBe(2);
  });

  test('that cannot be read is a fault, and asked for again by the next delivery', async () => {
    let fails = true;
    const readSecret = async () => (fails ? Promise.reject(new Error('throttled')) : '{"secrets":["whsec_new"]}');
    const verify = verifyWebhook({ now: () => NOW_MS, readSecret }, 'secret');
    await expect(verify(Buffer.from(BODY), sign(BODY))).rejects.toThrow('throttled');
    fails = false;
    expect(await verify(Buffer.from(BODY), sign(BODY))).toMatchObject({ id: 'evt_1' });
  });

  test.each(['', 'whsec_new', '{}', '{"secrets":[]}', '{"secrets":["new_x"]}', '{"secrets":["whsec_a b"]}'])(
    'that reads %j is a fault that does not tell it',
    async (text) => {
      const verify = verifyWebhook({ now: () => NOW_MS, readSecret: async () => text }, 'secret');
      const fault = await verify(Buffer.from(BODY), sign(BODY)).catch((thrown: unknown) => thrown);
      expect(String(fault)).toBe('Error: the webhook secret must read {"secrets": ["whsec_…", …]}, the newest first');
    },
  );
});

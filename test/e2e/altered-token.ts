import * as z from 'zod/mini';

const flip = (text: string, at: number): string => {
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
  const index = alphabet.indexOf(text[at] ?? '');
  return text.slice(0, at) + (alphabet[(index + 1) % 64] ?? 'A') + text.slice(at + 1);
};

const flipBit = (mac: string, bit: number): string => {
  const bytes = Buffer.from(mac, 'base64url');
  const at = bit >> 3;
  bytes[at] = (bytes[at] ?? 0) ^ (1 << (bit & 7));
  return bytes.toString('base64url');
};

const payloadSchema = z.looseObject({});
const encode = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');

/** What somebody might make of a signed token, `kid.payload.mac`, and of another one beside it. `rewrite` is what they would gain. */
export const alteredTokens = (
  genuine: string,
  other: string,
  rewrite: Readonly<Record<string, unknown>>,
): readonly (readonly [it: string, text: string])[] => {
  const [kid = '', payload = '', mac = ''] = genuine.split('.');
  const [, otherPayload = '', otherMac = ''] = other.split('.');
  const content = payloadSchema.parse(JSON.parse(Buffer.from(payload, 'base64url').toString('utf8')));
  const rewritten = Object.entries(rewrite).map(([name, value]): [string, string] => [
    `${name} rewritten`,
    `${kid}.${encode({ ...content, [name]: value })}.${mac}`,
  ]);
  const everyPayloadChar = Array.from({ length: payload.length }, (_, at): [string, string] => [
    `payload flipped at ${at}`,
    `${kid}.${flip(payload, at)}.${mac}`,
  ]);
  const everyMacByte = Array.from({ length: Buffer.from(mac, 'base64url').length }, (_, at): [string, string] => [
    `a bit of the signature's byte ${at} flipped`,
    `${kid}.${payload}.${flipBit(mac, at * 8 + (at % 8))}`,
  ]);
  return [
    ...rewritten,
    ...everyPayloadChar.filter((_, at) => at % 7 === 0 || at > payload.length - 4),
    ...everyMacByte,
    ['the signature’s unused bits set', `${kid}.${payload}.${flip(mac, mac.length - 1)}`],
    ['another’s payload', `${kid}.${otherPayload}.${mac}`],
    ['another’s signature', `${kid}.${payload}.${otherMac}`],
    ['another key id', `other.${payload}.${mac}`],
    ['a key id everybody has', `__proto__.${payload}.${mac}`],
    ['no key id', `.${payload}.${mac}`],
    ['no payload', `${kid}..${mac}`],
    ['no signature', `${kid}.${payload}.`],
    ['no third part', `${kid}.${payload}`],
    ['only dots', '..'],
    ['a fourth part', `${genuine}.x`],
    ['an empty fourth part', `${genuine}.`],
    ['cut by one', genuine.slice(0, -1)],
    ['cut by half', genuine.slice(0, genuine.length / 2)],
    ['without its first character', genuine.slice(1)],
    ...['A', '=', '==', ' ', '\n', '\u0000', '%00', 'AAAA', '-', '+'].map((tail): [string, string] => [
      `with ${JSON.stringify(tail)} behind it`,
      genuine + tail,
    ]),
    ['with a blank before it', ` ${genuine}`],
    ['the payload padded', `${kid}.${payload}=.${mac}`],
    ['in capitals', genuine.toUpperCase()],
    ['written in base64 of the other alphabet', genuine.replaceAll('_', '/').replaceAll('-', '+').concat('=')],
    ['an unsigned JWT', `${encode({ alg: 'none' })}.${payload}.`],
    ['signed by nobody', `${kid}.${payload}.${Buffer.alloc(32).toString('base64url')}`],
    ['no token', 'est_123'],
    ['a text of 4,096', 'x'.repeat(4096)],
    ['a name everybody has', '__proto__'],
  ];
};

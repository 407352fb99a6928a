import { describe, expect, it } from 'vitest';
import { readStage } from '../../lib/infra/stage.ts';
import { synthesize } from './synthesize.ts';

const read = (context: Record<string, unknown>) => readStage((key) => context[key]);

describe('the stage', () => {
  it('is dev where none is named', () => {
    expect(read({})).toEqual(read({ stage: 'dev' }));
    expect(read({}).name).toBe('dev');
  });

  it('takes what -c gives as text over its defaults', () => {
    expect(
      read({
        stage: 'prod',
        issuer: 'https://id.example.com/',
        audience: 'one,two',
        origins: 'https://app.example.com',
        throttleRate: '50',
        throttleBurst: '60',
        logRetentionDays: '365',
        alarmEmail: 'oncall@example.com',
        reservedConcurrency: 'off',
      }),
    ).toEqual({
      name: 'prod',
      oidc: { issuer: 'https://id.example.com/', audience: ['one', 'two'] },
      origins: ['https://app.example.com'],
      appUrl: 'https://app.example.com',
      stripePrices: [],
      throttle: { rate: 50, burst: 60 },
      reserved: null,
      logRetention: 365,
      alarmEmail: 'oncall@example.com',
      keep: true,
    });
  });

  it('takes lists and numbers of cdk.json as they are', () => {
    expect(read({ origins: ['https://app.example.com'], throttleRate: 5 })).toMatchObject({
      origins: ['https://app.example.com'],
      throttle: { rate: 5 },
    });
  });

  it('takes the first of its origins for the front end’s address, where none is given', () => {
    const origins = 'https://app.example.com,https://two.example.com';
    expect(read({ origins }).appUrl).toBe('https://app.example.com');
    expect(read({ origins, appUrl: 'https://app.example.com/shop' }).appUrl).toBe('https://app.example.com/shop');
    expect(read({ stage: 'prod' }).appUrl).toBe('https://app.invalid');
  });

  it.each([
    [{ stage: 'production' }, 'dev or prod'],
    [{ issuer: 'https://id.example.com/' }, 'issuer and audience go together'],
    [{ audience: 'credits' }, 'issuer and audience go together'],
    [{ issuer: 'http://id.example.com/', audience: 'credits' }, 'an https:// URL'],
    [{ issuer: 'https://id.example.com/', audience: '' }, 'audience'],
    [{ origins: '*' }, 'origins'],
    [{ origins: 'http://app.example.com' }, 'origins'],
    [{ origins: 'https://app.example.com/' }, 'origins'],
    [{ appUrl: 'http://app.example.com' }, 'appUrl'],
    [{ appUrl: 'https://app.example.com/' }, 'without a slash at its end'],
    [{ appUrl: 'https://app.example.com?a=b' }, 'appUrl'],
    [{ stripePrices: 'price_1' }, 'stripePrices'],
    [{ reservedConcurrency: '50' }, 'on or off'],
    [{ throttleRate: '0' }, '1 at least'],
    [{ throttleBurst: 'many' }, 'throttleBurst'],
    [{ logRetentionDays: '8' }, 'logRetentionDays'],
    [{ alarmEmail: 'on call' }, 'an e-mail address'],
  ])('refuses %o and names the fault', (context, fault) => {
    expect(() => read(context)).toThrow(fault);
  });
});

describe('prod beside dev', () => {
  const dev = synthesize();
  const prod = synthesize({ stage: 'prod', origins: 'https://app.example.com' });
  const retention = ({ ofType }: typeof dev) =>
    ofType('AWS::Logs::LogGroup').map(([, g]) => [g.Properties['RetentionInDays'], g.DeletionPolicy]);

  it('has the same resources', () => {
    expect(Object.keys(prod.resources)).toEqual(Object.keys(dev.resources));
  });

  it('keeps its logs longer, and when the stack goes', () => {
    expect(new Set(retention(dev).flat())).toEqual(new Set([7, 'Delete']));
    expect(new Set(retention(prod).flat())).toEqual(new Set([90, 'Retain']));
  });

  it('cannot be deleted by mistake', () => {
    expect([dev.stack.terminationProtection, prod.stack.terminationProtection]).toEqual([false, true]);
  });

  it('lets more through', () => {
    const limits = ({ ofType }: typeof dev) =>
      ofType('AWS::ApiGatewayV2::Stage').map(([, s]) => s.Properties['DefaultRouteSettings']);
    expect(limits(dev)).toEqual([{ ThrottlingRateLimit: 200, ThrottlingBurstLimit: 400 }]);
    expect(limits(prod)).toEqual([{ ThrottlingRateLimit: 2_000, ThrottlingBurstLimit: 4_000 }]);
  });

  it('sets executions aside for webhooks and reconciliation, and dev does where it is told to', () => {
    const reserved = ({ ofType }: typeof dev) =>
      ofType('AWS::Lambda::Function').flatMap(([, { Properties, Metadata }]) =>
        Properties['ReservedConcurrentExecutions'] === undefined
          ? []
          : [[Metadata?.['credits:door'], Properties['ReservedConcurrentExecutions']]],
      );
    const set = [
      ['webhooks', 50],
      ['schedulers/reconcile', 1],
    ];
    expect(reserved(dev)).toEqual([]);
    expect(reserved(prod)).toEqual(set);
    expect(reserved(synthesize({ reservedConcurrency: 'on' }))).toEqual(set);
  });
});

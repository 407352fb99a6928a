import * as z from 'zod/mini';
import { operation } from './operation.ts';
import { count, credits, none, noQuery } from './words.ts';

const money = { amount: count, currency: z.string() };

const publicCall = {
  method: 'GET',
  door: 'pricing',
  scopes: [],
  params: none,
  query: noQuery,
  body: none,
  status: 200,
  refusals: [],
} as const;

export const getPricing = operation({
  ...publicCall,
  id: 'getPricing',
  path: '/v1/pricing',
  summary: 'Plans, packs and tools with what they typically and at most cost.',
  reply: z.object({
    priceVersion: z.string(),
    plans: z.array(
      z.object({
        id: z.string(),
        name: z.string(),
        price: z.nullable(z.object({ ...money, interval: z.enum(['month', 'year']) })),
        creditsPerCycle: credits,
        dailyFreeCredits: credits,
        dailyRunLimit: z.nullable(count),
      }),
    ),
    packs: z.array(
      z.object({ id: z.string(), name: z.string(), price: z.object(money), credits, expiresAfterMonths: count }),
    ),
    tools: z.array(
      z.object({
        id: z.string(),
        name: z.string(),
        model: z.string(),
        pricing: z.looseObject({ kind: z.string() }),
        typicalCredits: credits,
        maxCredits: credits,
        exampleInput: z.record(z.string(), z.union([z.number(), z.string()])),
      }),
    ),
    enterprise: z.object({ description: z.string(), contact: z.string() }),
  }),
});

export const getOpenapi = operation({
  ...publicCall,
  id: 'getOpenapi',
  path: '/v1/openapi.json',
  summary: 'This document.',
  reply: z.looseObject({ openapi: z.string() }),
});

export const getHealth = operation({
  ...publicCall,
  id: 'getHealth',
  path: '/v1/health',
  summary: 'Whether the API answers.',
  reply: z.object({ status: z.literal('ok') }),
});

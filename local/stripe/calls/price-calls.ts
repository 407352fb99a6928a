import type Stripe from 'stripe';
import * as z from 'zod/mini';
import { call } from '../api-call.ts';
import { badParameter, need } from '../api-fault.ts';
import * as field from '../form-field.ts';
import { pageOf } from '../list-page.ts';
import type { Moment } from '../moment.ts';
import { newId } from '../new-id.ts';
import { priceObject } from '../objects/price-object.ts';

const facts = {
  ...field.expandable,
  active: z.optional(field.flag),
  lookup_key: z.optional(field.text),
  transfer_lookup_key: z.optional(field.flag),
  metadata: z.optional(field.metadata),
  nickname: z.optional(field.textOrNone),
  tax_behavior: z.optional(z.enum(['exclusive', 'inclusive', 'unspecified'])),
};

const create = field.paramsOf<Stripe.PriceCreateParams>()({
  ...facts,
  currency: z.string().check(z.regex(/^[a-z]{3}$/, 'a lower case three-letter currency')),
  product: field.text,
  unit_amount: field.whole.check(z.refine((amount) => amount >= 0, 'must be greater than or equal to 0')),
  recurring: z.optional(
    z.strictObject({
      interval: z.enum(['day', 'week', 'month', 'year']),
      interval_count: z.optional(field.positive),
      usage_type: z.optional(z.literal('licensed')),
    }),
  ),
});
const update = field.paramsOf<Stripe.PriceUpdateParams>()(facts);
const retrieve = field.paramsOf<Stripe.PriceRetrieveParams>()(field.expandable);
const list = field.paramsOf<Stripe.PriceListParams>()({
  ...field.paging,
  ...field.created,
  active: z.optional(field.flag),
  currency: z.optional(field.text),
  lookup_keys: z.optional(field.listOf(field.text)),
  product: z.optional(field.text),
  type: z.optional(z.enum(['one_time', 'recurring'])),
});

/** A lookup key belongs to one price; another gets it only by asking for the transfer. */
const takeLookupKey = ({ db }: Moment, key: string | undefined, transfer: boolean, byId: string): void => {
  const holder = key === undefined ? undefined : db.prices.all().find(({ lookupKey }) => lookupKey === key);
  if (holder === undefined || holder.id === byId) return;
  if (!transfer) throw badParameter('lookup_key', `A price (\`${holder.id}\`) already uses that lookup key.`);
  db.prices.put({ ...holder, lookupKey: null });
};

export const priceCalls = [
  call('POST', '/v1/prices', create, (moment, params) => {
    const { db, nowS } = moment;
    need(db.products.get(params.product), 'product', params.product, 'product');
    const id = newId('price');
    takeLookupKey(moment, params.lookup_key, params.transfer_lookup_key ?? false, id);
    return priceObject(
      db.prices.put({
        id,
        createdS: nowS,
        productId: params.product,
        active: params.active ?? true,
        currency: params.currency,
        amount: params.unit_amount,
        interval: params.recurring?.interval ?? null,
        intervalCount: params.recurring?.interval_count ?? 1,
        lookupKey: params.lookup_key ?? null,
        nickname: params.nickname ?? null,
        taxBehavior: params.tax_behavior ?? 'unspecified',
        metadata: field.mergedMetadata({}, params.metadata),
      }),
    );
  }),
  call('GET', '/v1/prices', list, ({ db }, params) =>
    pageOf(db.prices.all(), params, {
      url: '/v1/prices',
      kind: 'price',
      show: priceObject,
      where: (price) =>
        (params.active === undefined || price.active === params.active) &&
        (params.currency === undefined || price.currency === params.currency) &&
        (params.product === undefined || price.productId === params.product) &&
        (params.type === undefined || (price.interval === null) === (params.type === 'one_time')) &&
        (params.lookup_keys === undefined || params.lookup_keys.some((key) => key === price.lookupKey)),
      createdS: ({ createdS }) => createdS,
    }),
  ),
  call('GET', '/v1/prices/:id', retrieve, ({ db }, _, id) => priceObject(need(db.prices.get(id), 'price', id))),
  call('POST', '/v1/prices/:id', update, (moment, params, id) => {
    const { db } = moment;
    const before = need(db.prices.get(id), 'price', id);
    takeLookupKey(moment, params.lookup_key, params.transfer_lookup_key ?? false, id);
    return priceObject(
      db.prices.put({
        ...before,
        active: params.active ?? before.active,
        lookupKey: params.lookup_key ?? before.lookupKey,
        nickname: params.nickname === undefined ? before.nickname : params.nickname,
        taxBehavior: params.tax_behavior ?? before.taxBehavior,
        metadata: field.mergedMetadata(before.metadata, params.metadata),
      }),
    );
  }),
];

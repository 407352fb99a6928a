import type Stripe from 'stripe';
import * as z from 'zod/mini';
import { call } from '../api-call.ts';
import { badParameter, need } from '../api-fault.ts';
import * as field from '../form-field.ts';
import { pageOf } from '../list-page.ts';
import { newId } from '../new-id.ts';
import { productObject } from '../objects/product-object.ts';

const facts = {
  ...field.expandable,
  active: z.optional(field.flag),
  description: z.optional(field.textOrNone),
  metadata: z.optional(field.metadata),
};

const create = field.paramsOf<Stripe.ProductCreateParams>()({ ...facts, id: z.optional(field.text), name: field.text });
const update = field.paramsOf<Stripe.ProductUpdateParams>()({
  ...facts,
  name: z.optional(field.text),
  default_price: z.optional(field.text),
});
const retrieve = field.paramsOf<Stripe.ProductRetrieveParams>()(field.expandable);
const list = field.paramsOf<Stripe.ProductListParams>()({
  ...field.paging,
  ...field.created,
  active: z.optional(field.flag),
  ids: z.optional(field.listOf(field.text)),
});

export const productCalls = [
  call('POST', '/v1/products', create, ({ db, nowS }, params) => {
    const id = params.id ?? newId('prod');
    if (db.products.get(id) !== undefined)
      throw badParameter('id', `Product already exists.`, 'resource_already_exists');
    return productObject(
      db.products.put({
        id,
        createdS: nowS,
        updatedS: nowS,
        name: params.name,
        description: params.description ?? null,
        active: params.active ?? true,
        metadata: field.mergedMetadata({}, params.metadata),
        defaultPriceId: null,
      }),
    );
  }),
  call('GET', '/v1/products', list, ({ db }, params) =>
    pageOf(db.products.all(), params, {
      url: '/v1/products',
      kind: 'product',
      show: productObject,
      where: ({ id, active }) =>
        (params.active === undefined || active === params.active) && (params.ids?.includes(id) ?? true),
      createdS: ({ createdS }) => createdS,
    }),
  ),
  call('GET', '/v1/products/:id', retrieve, ({ db }, _, id) => productObject(need(db.products.get(id), 'product', id))),
  call('POST', '/v1/products/:id', update, ({ db, nowS }, params, id) => {
    const before = need(db.products.get(id), 'product', id);
    const priceId = params.default_price;
    if (priceId !== undefined) need(db.prices.get(priceId), 'price', priceId, 'default_price');
    return productObject(
      db.products.put({
        ...before,
        updatedS: nowS,
        name: params.name ?? before.name,
        description: params.description === undefined ? before.description : params.description,
        active: params.active ?? before.active,
        metadata: field.mergedMetadata(before.metadata, params.metadata),
        defaultPriceId: priceId ?? before.defaultPriceId,
      }),
    );
  }),
];

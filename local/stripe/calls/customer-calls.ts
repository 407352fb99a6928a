import type Stripe from 'stripe';
import * as z from 'zod/mini';
import { call } from '../api-call.ts';
import { need } from '../api-fault.ts';
import { createCustomer } from '../create-customer.ts';
import { deleteCustomer, liveCustomer } from '../delete-customer.ts';
import { announce, changed } from '../event-log.ts';
import * as field from '../form-field.ts';
import { pageOf } from '../list-page.ts';
import { customerObject, customerOrDeleted } from '../objects/customer-object.ts';

const facts = {
  ...field.expandable,
  email: z.optional(field.textOrNone),
  name: z.optional(field.textOrNone),
  phone: z.optional(field.textOrNone),
  description: z.optional(field.textOrNone),
  metadata: z.optional(field.metadata),
};

const create = field.paramsOf<Stripe.CustomerCreateParams>()(facts);
const update = field.paramsOf<Stripe.CustomerUpdateParams>()(facts);
const retrieve = field.paramsOf<Stripe.CustomerRetrieveParams>()(field.expandable);
const list = field.paramsOf<Stripe.CustomerListParams>()({
  ...field.paging,
  ...field.created,
  email: z.optional(field.text),
});

export const customerCalls = [
  call('POST', '/v1/customers', create, (moment, params) =>
    customerObject(
      createCustomer(moment, {
        email: params.email ?? null,
        name: params.name ?? null,
        phone: params.phone ?? null,
        description: params.description ?? null,
        metadata: field.mergedMetadata({}, params.metadata),
      }),
    ),
  ),
  call('GET', '/v1/customers', list, ({ db }, params) =>
    pageOf(db.customers.all(), params, {
      url: '/v1/customers',
      kind: 'customer',
      show: customerObject,
      where: ({ email, deleted }) => !deleted && (params.email === undefined || email === params.email),
      createdS: ({ createdS }) => createdS,
    }),
  ),
  call('GET', '/v1/customers/:id', retrieve, ({ db }, _, id) =>
    customerOrDeleted(need(db.customers.get(id), 'customer', id)),
  ),
  call('POST', '/v1/customers/:id', update, (moment, params, id) => {
    const { db } = moment;
    const before = liveCustomer(db, id);
    const after = db.customers.put({
      ...before,
      email: params.email === undefined ? before.email : params.email,
      name: params.name === undefined ? before.name : params.name,
      phone: params.phone === undefined ? before.phone : params.phone,
      description: params.description === undefined ? before.description : params.description,
      metadata: field.mergedMetadata(before.metadata, params.metadata),
    });
    const object = customerObject(after);
    const previous = changed(customerObject(before), object);
    if (Object.keys(previous).length > 0) announce(moment, 'customer.updated', object, previous);
    return object;
  }),
  call('DELETE', '/v1/customers/:id', z.strictObject({}), (moment, _, id): Stripe.DeletedCustomer => {
    deleteCustomer(moment, liveCustomer(moment.db, id));
    return { id, object: 'customer', deleted: true };
  }),
];

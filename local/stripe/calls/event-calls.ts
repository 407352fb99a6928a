import type Stripe from 'stripe';
import * as z from 'zod/mini';
import { DAY_MS, SECOND_MS } from '../../../lib/domain/time.ts';
import { call } from '../api-call.ts';
import * as field from '../form-field.ts';
import { pageOf } from '../list-page.ts';
import { eventObject } from '../objects/event-object.ts';

/** https://docs.stripe.com/api/events/list */
const MOST_TYPES = 20;

const list = field.paramsOf<Stripe.EventListParams>()({
  ...field.paging,
  ...field.created,
  type: z.optional(field.text),
  types: z.optional(field.listOf(field.text).check(z.maxLength(MOST_TYPES, `at most ${MOST_TYPES} types`))),
  delivery_success: z.optional(field.flag),
});

/** How long Stripe's API gives events out. */
const KEPT_S = (30 * DAY_MS) / SECOND_MS;

/** `customer.*` means all of that kind. */
const matches = (type: string, wanted: string): boolean =>
  wanted.endsWith('*') ? type.startsWith(wanted.slice(0, -1)) : type === wanted;

export const eventCalls = [
  call('GET', '/v1/events', list, ({ db, nowS }, params) =>
    pageOf(db.events.all(), params, {
      url: '/v1/events',
      kind: 'event',
      show: eventObject,
      where: ({ createdS, type, delivered }) =>
        createdS >= nowS - KEPT_S &&
        (params.type === undefined || matches(type, params.type)) &&
        (params.types?.some((wanted) => matches(type, wanted)) ?? true) &&
        (params.delivery_success === undefined || delivered === params.delivery_success),
      createdS: ({ createdS }) => createdS,
    }),
  ),
];

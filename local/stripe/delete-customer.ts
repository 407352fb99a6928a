import { need } from './api-fault.ts';
import type { Database } from './database.ts';
import { announce } from './event-log.ts';
import type { Moment } from './moment.ts';
import { customerObject } from './objects/customer-object.ts';
import type { Customer } from './records.ts';
import { endSubscription } from './subscription-life.ts';

/** A customer that something can still be done with; a deleted one is to Stripe as one that never was. */
export const liveCustomer = (db: Database, id: string, param?: string): Customer => {
  const customer = db.customers.get(id);
  return need(customer?.deleted ? undefined : customer, 'customer', id, param);
};

/** Deletes a customer for good; its subscriptions end with it. https://docs.stripe.com/api/customers/delete */
export const deleteCustomer = (moment: Moment, customer: Customer): void => {
  const { db } = moment;
  for (const subscription of db.subscriptions.all())
    if (subscription.customerId === customer.id && subscription.endedAtS === null)
      endSubscription(moment, subscription, 'cancellation_requested');
  announce(moment, 'customer.deleted', customerObject(db.customers.put({ ...customer, deleted: true })));
};

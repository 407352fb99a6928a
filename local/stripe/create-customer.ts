import { announce } from './event-log.ts';
import type { Moment } from './moment.ts';
import { newId } from './new-id.ts';
import { customerObject } from './objects/customer-object.ts';
import type { Customer } from './records.ts';

export const createCustomer = (
  moment: Moment,
  of: Partial<Pick<Customer, 'email' | 'name' | 'phone' | 'description' | 'metadata'>>,
): Customer => {
  const customer = moment.db.customers.put({
    email: null,
    name: null,
    phone: null,
    description: null,
    metadata: {},
    ...of,
    id: newId('cus'),
    createdS: moment.nowS,
    balance: 0,
    nextPayment: 'succeeds',
  });
  announce(moment, 'customer.created', customerObject(customer));
  return customer;
};

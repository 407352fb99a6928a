import { need, refused } from './api-fault.ts';
import type { Moment } from './moment.ts';
import type { Subscription } from './money-records.ts';
import type { Price } from './records.ts';

/** The price of that id, if the subscription can change to it; `param` is what named it. */
export const recurringPrice = ({ db }: Moment, { item, currency }: Subscription, id: string, param: string): Price => {
  const price = need(db.prices.get(id), 'price', id, param);
  if (!price.active && id !== item.priceId)
    throw refused('The price specified is inactive. This field only accepts active prices.', { param });
  if (price.interval === null)
    throw refused(
      'The price specified is set to `type=one_time` but this field only accepts prices with `type=recurring`.',
      { param },
    );
  if (price.currency !== currency)
    throw refused(`The price's currency must be ${currency}, as the subscription's is.`, { param });
  return price;
};

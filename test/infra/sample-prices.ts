import { catalog } from '../../lib/catalog/catalog.ts';

/** A price at Stripe for each listed plan and pack, as the catalog has it. */
export const samplePrices = [...catalog.plans.filter(({ listed }) => listed), ...catalog.packs].flatMap(
  ({ id, price }) =>
    price === null
      ? []
      : [
          {
            item: id,
            price: `price_${id.replaceAll('-', '_')}`,
            amount: price.amount,
            currency: price.currency,
          },
        ],
);

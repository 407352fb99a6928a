import { refused } from './api-fault.ts';
import { announce, changed } from './event-log.ts';
import type { Moment } from './moment.ts';
import type { Charge, Refund } from './money-records.ts';
import { newId } from './new-id.ts';
import { chargeObject } from './objects/charge-object.ts';
import { refundObject } from './objects/refund-object.ts';

const changeCharge = (
  moment: Moment,
  charge: Charge,
  amountRefunded: number,
  type: 'charge.refunded' | 'charge.updated',
) => {
  const after = moment.db.charges.put({ ...charge, amountRefunded });
  const object = chargeObject(after);
  announce(moment, type, object, changed(chargeObject(charge), object));
};

const changeRefund = (moment: Moment, refund: Refund, change: Partial<Refund>): Refund => {
  const { db } = moment;
  const after = db.refunds.put({ ...refund, ...change });
  const object = refundObject(db, after);
  if (after.status === 'failed') announce(moment, 'refund.failed', object);
  const previous = changed(refundObject(db, refund), object);
  announce(moment, 'refund.updated', object, previous);
  announce(moment, 'charge.refund.updated', object, previous);
  return after;
};

/** Gives a charge's money back, all that is left of it or a part: at once, as with a card. The bank's reference comes right after. */
export const refundCharge = (
  moment: Moment,
  charge: Charge,
  of: { readonly amount?: number | undefined; readonly reason: string | null; readonly metadata: Refund['metadata'] },
): Refund => {
  const { db, nowS } = moment;
  const left = charge.amount - charge.amountRefunded;
  if (charge.status !== 'succeeded') throw refused(`Charge ${charge.id} has not been paid.`, { param: 'charge' });
  if (db.disputes.all().some((dispute) => dispute.chargeId === charge.id && dispute.status !== 'won'))
    throw refused(`Charge ${charge.id} has been charged back; cannot issue a refund.`, { code: 'charge_disputed' });
  if (left === 0) throw refused(`Charge ${charge.id} has already been refunded.`, { code: 'charge_already_refunded' });
  const amount = of.amount ?? left;
  if (amount > left)
    throw refused(`Refund amount (${amount}) is greater than unrefunded amount on charge (${left})`, {
      param: 'amount',
    });
  const refund = db.refunds.put({
    id: newId('re'),
    createdS: nowS,
    chargeId: charge.id,
    paymentIntentId: charge.paymentIntentId,
    amount,
    currency: charge.currency,
    reason: of.reason,
    metadata: of.metadata,
    status: 'succeeded',
    referenced: false,
  });
  announce(moment, 'refund.created', refundObject(db, refund));
  changeCharge(moment, charge, charge.amountRefunded + amount, 'charge.refunded');
  return changeRefund(moment, refund, { referenced: true });
};

/** The bank sends a refund back: the money is the merchant's again. https://docs.stripe.com/refunds#failed-refunds */
export const failRefund = (moment: Moment, refund: Refund): Refund => {
  const charge = moment.db.charges.get(refund.chargeId);
  if (refund.status === 'failed' || charge === undefined) throw refused(`Refund ${refund.id} cannot fail any more.`);
  const failed = changeRefund(moment, refund, { status: 'failed' });
  changeCharge(moment, charge, charge.amountRefunded - refund.amount, 'charge.updated');
  return failed;
};

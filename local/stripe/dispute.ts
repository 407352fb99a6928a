import { conflict } from './api-fault.ts';
import { announce, changed } from './event-log.ts';
import type { Moment } from './moment.ts';
import type { Charge, Dispute } from './money-records.ts';
import { newId } from './new-id.ts';
import { chargeObject } from './objects/charge-object.ts';
import { disputeObject } from './objects/dispute-object.ts';

/**
 * The cardholder's bank takes a payment back: what has not been refunded of it, or all of it where all has been, for a bank does not look at
 * refunds. A charge is disputed once.
 */
export const openDispute = (moment: Moment, charge: Charge): Dispute => {
  const { db, nowS } = moment;
  if (charge.status !== 'succeeded') throw conflict(`Charge ${charge.id} has not been paid.`);
  if (charge.disputed) throw conflict(`Charge ${charge.id} has been disputed before.`);
  const left = charge.amount - charge.amountRefunded;
  const dispute = db.disputes.put({
    id: newId('dp'),
    createdS: nowS,
    chargeId: charge.id,
    paymentIntentId: charge.paymentIntentId,
    amount: left > 0 ? left : charge.amount,
    currency: charge.currency,
    metadata: {},
    status: 'needs_response',
    closedAtS: null,
  });
  const disputed = chargeObject(db.charges.put({ ...charge, disputed: true }));
  announce(moment, 'charge.updated', disputed, changed(chargeObject(charge), disputed));
  announce(moment, 'charge.dispute.created', disputeObject(dispute));
  announce(moment, 'charge.dispute.funds_withdrawn', disputeObject(dispute));
  return dispute;
};

/** The bank has decided. Won: the money comes back. Lost: it stays away. */
export const closeDispute = (moment: Moment, dispute: Dispute, outcome: 'won' | 'lost'): Dispute => {
  if (dispute.status !== 'needs_response') throw conflict(`Dispute ${dispute.id} is ${dispute.status} already.`);
  const closed = moment.db.disputes.put({ ...dispute, status: outcome, closedAtS: moment.nowS });
  const object = disputeObject(closed);
  announce(moment, 'charge.dispute.closed', object, changed(disputeObject(dispute), object));
  if (outcome === 'won') announce(moment, 'charge.dispute.funds_reinstated', object);
  return closed;
};

import type { Moment } from './moment.ts';
import { chargeObject } from './objects/charge-object.ts';
import { checkoutSessionObject, lineItemList } from './objects/checkout-session-object.ts';
import { customerOrDeleted } from './objects/customer-object.ts';
import { disputeObject } from './objects/dispute-object.ts';
import { invoiceObject } from './objects/invoice-object.ts';
import { invoicePaymentObject } from './objects/invoice-payment-object.ts';
import { listOf } from './objects/list.ts';
import { paymentIntentObject } from './objects/payment-intent-object.ts';
import { portalConfigurationObject } from './objects/portal-object.ts';
import { priceObject } from './objects/price-object.ts';
import { productObject } from './objects/product-object.ts';
import { refundObject } from './objects/refund-object.ts';
import { scheduleObject } from './objects/schedule-object.ts';
import { subscriptionObject } from './objects/subscription-object.ts';

const shown = <Row>(row: Row | undefined, show: (row: Row) => object): object | undefined =>
  row === undefined ? undefined : show(row);

/** The object that an id within another object stands for. */
export const objectById = ({ db, nowS, publicUrl }: Moment, id: string): object | undefined =>
  shown(db.customers.get(id), customerOrDeleted) ??
  shown(db.subscriptions.get(id), (row) => subscriptionObject(db, row)) ??
  shown(db.schedules.get(id), (row) => scheduleObject(row, nowS)) ??
  shown(db.invoices.get(id), (row) => invoiceObject(db, row)) ??
  shown(db.paymentIntents.get(id), paymentIntentObject) ??
  shown(db.charges.get(id), chargeObject) ??
  shown(db.refunds.get(id), (row) => refundObject(db, row)) ??
  shown(db.disputes.get(id), disputeObject) ??
  shown(db.prices.get(id), priceObject) ??
  shown(db.products.get(id), productObject) ??
  shown(db.checkoutSessions.get(id), (row) => checkoutSessionObject(db, row, publicUrl())) ??
  shown(db.portalConfigurations.get(id), portalConfigurationObject);

/** A property that an object has only when it is asked for. */
export const includable = ({ db }: Moment, kind: unknown, id: string, property: string): object | undefined => {
  switch (`${String(kind)}.${property}`) {
    case 'checkout.session.line_items':
      return shown(db.checkoutSessions.get(id), (row) => lineItemList(db, row));
    case 'invoice.payments':
      return shown(db.invoices.get(id), (row) => {
        const payment = invoicePaymentObject(row);
        return listOf(`/v1/invoice_payments?invoice=${id}`, payment === undefined ? [] : [payment]);
      });
    case 'charge.refunds':
      return listOf(
        `/v1/charges/${id}/refunds`,
        db.refunds
          .all()
          .filter(({ chargeId }) => chargeId === id)
          .map((row) => refundObject(db, row))
          .reverse(),
      );
    case 'customer.subscriptions':
      return listOf(
        `/v1/customers/${id}/subscriptions`,
        db.subscriptions
          .all()
          .filter(({ customerId, status }) => customerId === id && status !== 'canceled')
          .map((row) => subscriptionObject(db, row))
          .reverse(),
      );
    default:
      return undefined;
  }
};

/** Stripe's error body: https://docs.stripe.com/api/errors */
export interface ErrorBody {
  readonly type: 'api_error' | 'card_error' | 'idempotency_error' | 'invalid_request_error';
  readonly message: string;
  readonly code?: string;
  readonly decline_code?: string;
  readonly param?: string;
}

/** A request that Stripe refuses. */
export class ApiFault extends Error {
  readonly status: number;
  readonly body: ErrorBody;
  /** Refused before it was carried out: the idempotency key is not used up. */
  readonly unheard: boolean;

  constructor(status: number, body: ErrorBody, unheard = false) {
    super(body.message);
    this.name = 'ApiFault';
    this.status = status;
    this.body = body;
    this.unheard = unheard;
  }
}

const invalid = (message: string, more: { code?: string; param?: string } = {}): ErrorBody => ({
  type: 'invalid_request_error',
  message,
  ...more,
});

/** The request makes no sense, whatever the state of things. */
export const badParameter = (param: string, message: string, code?: string): ApiFault =>
  new ApiFault(400, invalid(message, { param, ...(code !== undefined && { code }) }), true);

/** The request cannot be carried out as things stand. */
export const refused = (message: string, more: { code?: string; param?: string } = {}): ApiFault =>
  new ApiFault(400, invalid(message, more));

/** `No such customer: 'cus_x'`: 404 where the id is the path's, 400 where it is a parameter. */
export const missing = (kind: string, id: string, param?: string): ApiFault =>
  new ApiFault(
    param === undefined ? 404 : 400,
    invalid(`No such ${kind}: '${id}'`, { code: 'resource_missing', param: param ?? 'id' }),
  );

export const cardDeclined = (): ApiFault =>
  new ApiFault(402, {
    type: 'card_error',
    code: 'card_declined',
    decline_code: 'generic_decline',
    message: 'Your card was declined.',
  });

/** The row, or Stripe's way of saying that there is none. */
export const need = <Row>(row: Row | undefined, kind: string, id: string, param?: string): Row => {
  if (row === undefined) throw missing(kind, id, param);
  return row;
};

/** What a person or a test asks for cannot be done any more. Not Stripe's: its pages do not offer it. */
export const conflict = (message: string): ApiFault => new ApiFault(409, { type: 'invalid_request_error', message });

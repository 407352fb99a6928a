interface PlainPayment {
  readonly amount: number;
  readonly refunds: { readonly amount: number; failed: boolean }[];
  readonly disputes: { readonly amount: number; state: 'open' | 'won' | 'lost' }[];
}

/** R20 as naively as it can be put: what was paid for one thing, and what of it has gone. */
export class PlainPurchase {
  readonly payments: PlainPayment[] = [];

  pay(amount: number): void {
    this.payments.push({ amount, refunds: [], disputes: [] });
  }

  /** Credits of `size` that must be out: all while any dispute is open, else as many of each hundred as of the money, rounded down. */
  dueOf(size: number): number {
    const disputes = this.payments.flatMap((payment) => payment.disputes);
    if (disputes.some(({ state }) => state === 'open')) return size;
    let [paid, gone] = [0, 0];
    for (const payment of this.payments) {
      let went = 0;
      for (const { amount, failed } of payment.refunds) if (!failed) went += amount;
      for (const { amount, state } of payment.disputes) if (state === 'lost') went += amount;
      paid += payment.amount;
      gone += Math.min(went, payment.amount);
    }
    return Math.floor((size * gone) / paid);
  }
}

import type { Refusal } from '../../lib/domain/refusal.ts';
import type { Command } from '../../lib/http/command.ts';
import * as contract from '../../lib/http/contract/billing.ts';
import type { Operation } from '../../lib/http/contract/operation.ts';
import { type Route, route } from '../../lib/http/door.ts';
import { cancel, resume } from './cancel.ts';
import { changePlan } from './change-plan.ts';
import { checkout } from './checkout.ts';
import type { BillingDeps } from './dependencies.ts';
import { legacyRefund } from './legacy-refund.ts';
import { portal } from './portal.ts';
import { quote } from './quote.ts';
import { view } from './view.ts';
import { ANSWER_WITHIN_MS, within } from './within.ts';

/** All that has to do with money, each answered within `boundMs`, be Stripe slow or down. */
export const routes = (deps: BillingDeps, boundMs = ANSWER_WITHIN_MS): readonly Route[] => {
  const bounded = <P, Q, B, R extends object>(
    operation: Operation<P, Q, B, R>,
    carryOut: (deps: BillingDeps, command: Command<P, Q, B>) => Promise<R | Refusal>,
  ): Route => route(operation, (command) => within(boundMs, () => carryOut(deps, command)));
  return [
    bounded(contract.getBilling, (_, { caller }) => view(deps, caller.sub)),
    bounded(contract.createCheckout, checkout),
    bounded(contract.createPortal, portal),
    bounded(contract.cancelSubscription, cancel),
    bounded(contract.resumeSubscription, resume),
    bounded(contract.changePlan, changePlan),
    bounded(contract.requestQuote, quote),
    bounded(contract.refundLegacy, legacyRefund),
  ];
};

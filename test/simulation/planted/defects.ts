import type { Defect } from './defect.ts';
import { HOLD_DEFECTS } from './hold-defects.ts';
import { PAYMENT_DEFECTS } from './payment-defects.ts';
import { RUN_DEFECTS } from './run-defects.ts';
import { TIME_DEFECTS } from './time-defects.ts';

/** Every defect there is to plant, by what it is about. */
export const DEFECTS: readonly Defect[] = [...HOLD_DEFECTS, ...RUN_DEFECTS, ...TIME_DEFECTS, ...PAYMENT_DEFECTS];

import * as z from 'zod/mini';
import type { Tool, ToolInput } from '../domain/catalog.ts';
import { MAX_QUANTITY } from '../domain/price.ts';
import type { Refusal } from '../domain/refusal.ts';
import { whole } from '../schema/field.ts';
import { cached, checked, choicesOf, fields, metersOf } from './tool-fields.ts';

/**
 * Checks what was really used: the same field names, but each may be 0 and may exceed what the estimate allowed (R9
 * absorbs that), up to `MAX_QUANTITY`. Refuses with `validation_failed`; paths begin with `at`.
 */
export const parseUsage = (tool: Tool, value: unknown, at = 'usage'): ToolInput | Refusal =>
  checked(usageSchema(tool.pricing), value, at);

const anyQuantity = whole(0, MAX_QUANTITY);

const usageSchema = cached((pricing) => {
  switch (pricing.kind) {
    case 'fixed':
      return fields({});
    case 'per_unit':
      return fields({ ...choicesOf(pricing), [pricing.unit]: anyQuantity });
    case 'tokens':
      return fields({ inputTokens: anyQuantity, outputTokens: anyQuantity });
    case 'open_ended': {
      const names = Object.keys(pricing.meters);
      return fields({
        maxCredits: z.optional(whole(1, MAX_QUANTITY)),
        ...metersOf(pricing, () => anyQuantity),
      }).check(
        z.refine(
          (usage) => names.some((name) => usage[name] !== undefined),
          `must name at least one of ${names.join(', ')}`,
        ),
      );
    }
  }
});

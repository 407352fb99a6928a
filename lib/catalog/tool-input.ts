import * as z from 'zod/mini';
import type { Tool, ToolInput } from '../domain/catalog.ts';
import type { Refusal } from '../domain/refusal.ts';
import { whole } from '../schema/field.ts';
import { cached, checked, choicesOf, fields, metersOf } from './tool-fields.ts';

/**
 * Checks what an estimate is asked for: only the fields that make the price, within the tool's maxima. Free text (a
 * prompt, say) is refused like any unknown field: no payload ever comes in here.
 * Refuses with `validation_failed`; paths begin with `at`.
 */
export const parseToolInput = (tool: Tool, value: unknown, at = 'input'): ToolInput | Refusal =>
  checked(inputSchema(tool.pricing), value, at);

const inputSchema = cached((pricing) => {
  switch (pricing.kind) {
    case 'fixed':
      return fields({});
    case 'per_unit':
      return fields({ ...choicesOf(pricing), [pricing.unit]: whole(1, pricing.maxUnits) });
    case 'tokens':
      return fields({
        inputTokens: whole(0, pricing.maxInputTokens),
        outputTokens: z.optional(whole(1, pricing.maxOutputTokens)),
      });
    case 'open_ended':
      return fields({
        // The base is owed as soon as it starts: a lower ceiling would be an estimate that every run exceeds (R2).
        maxCredits: z.optional(whole(Math.max(1, pricing.baseCredits), pricing.ceilingCredits)),
        ...metersOf(pricing, ({ max }) => whole(0, max)),
      });
  }
});

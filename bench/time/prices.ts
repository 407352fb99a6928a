import { PRICES } from '../prices.ts';

/**
 * us-east-1, in dollars, looked up 2026-11-22 in pages that quote them. DynamoDB's are those of the other bench.
 * https://aws.amazon.com/lambda/pricing/ (Arm), https://aws.amazon.com/step-functions/pricing/, https://aws.amazon.com/eventbridge/pricing/
 */
export const DAY_PRICES = {
  writeUnits: PRICES.write / 1e6,
  readUnits: PRICES.read / 1e6,
  event: 1 / 1e6,
  lambdaGbSecond: 0.0000133334,
  lambdaRequest: 0.2 / 1e6,
  standardStep: 25 / 1e6,
  expressRequest: 1 / 1e6,
  expressGbSecond: 0.00001667,
} as const;

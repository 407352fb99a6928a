import type { Telemetry } from '../lib/telemetry/telemetry.ts';

const nothing = (): void => undefined;

/** For where what is said and counted is not looked at. */
export const telemetry: Telemetry = { info: nothing, warn: nothing, error: nothing, count: nothing };

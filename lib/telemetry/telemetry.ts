import { Logger } from '@aws-lambda-powertools/logger';
import { injectLambdaContext } from '@aws-lambda-powertools/logger/middleware';
import { Metrics } from '@aws-lambda-powertools/metrics';
import type { Runtime } from '../http/runtime.ts';
import { METRICS, type MetricName, NAMESPACE, serviceOf } from './metric-names.ts';

export type Counts = Partial<Readonly<Record<MetricName, number>>>;
type Fields = Readonly<Record<string, unknown>>;

/** What a function says of its work, in the log and in metrics. Never a payload, a token, an id of a person. */
export interface Telemetry {
  readonly info: (message: string, fields: Fields) => void;
  readonly warn: (message: string, fields: Fields) => void;
  readonly error: (message: string, fields: Fields) => void;
  /** Counts, as one line in CloudWatch's embedded metric format; nothing where there is nothing to count. */
  readonly count: (counts: Counts) => void;
}

const NAMES = Object.keys(METRICS).filter((name): name is MetricName => name in METRICS);

const entriesOf = (counts: Counts): readonly (readonly [MetricName, number])[] =>
  NAMES.map((name) => [name, counts[name] ?? Number.NaN] as const).filter(([, value]) => Number.isFinite(value));

/**
 * Powertools for AWS Lambda, for every function but the hot doors (docs/adr/0025-what-a-hot-door-says.md). Where nobody takes notes, as on one
 * machine, there are no metrics, and only warnings and errors are shown.
 */
export const openTelemetry = ({ env, note }: Pick<Runtime, 'env' | 'note'>) => {
  const serviceName = serviceOf(env['STAGE']);
  const logger = new Logger({ serviceName, logLevel: note === undefined ? 'WARN' : 'INFO' });
  const telemetry: Telemetry = {
    info: (message, fields) => logger.info(message, { ...fields }),
    warn: (message, fields) => logger.warn(message, { ...fields }),
    error: (message, fields) => logger.error(message, { ...fields }),
    count: (counts) => {
      const entries = entriesOf(counts);
      if (note === undefined || entries.length === 0) return;
      const metrics = new Metrics({ namespace: NAMESPACE, serviceName });
      for (const [name, value] of entries) metrics.addMetric(name, METRICS[name], value);
      note(metrics.serializeMetrics());
    },
  };
  return {
    ...telemetry,
    /** Gives each line the request it is of: a middleware for `middy`. */
    context: injectLambdaContext(logger),
  };
};

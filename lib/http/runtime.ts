/** What a door is given from outside. In AWS: the environment, the wall clock, Secrets Manager; on one machine: the local runtime's. */
export interface Runtime {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** The clock, in milliseconds since 1970; passed in everywhere, read nowhere else. */
  readonly now: () => number;
  /** The current text of a secret by its ARN or name. */
  readonly readSecret: (id: string) => Promise<string>;
  /** Writes a line of the log, as JSON: a request answered, a metric. None: nobody reads it, as on one machine. */
  readonly note?: (line: object) => void;
}

/** R26: what somebody asked of an enterprise quote, as sent. */
export interface Quote {
  readonly id: string;
  readonly accountId: string;
  readonly requestedAtMs: number;
  readonly asked: Readonly<Record<string, string | number | boolean | null>>;
}

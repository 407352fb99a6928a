/** What only a deployment could tell: nobody has measured it. Each is named on the page, so that it can be put right. */
export const ASSUMED_COST = {
  /** Billed milliseconds of a warm call, at the memory of its function: one or two round trips to DynamoDB, and the signing. */
  estimateMs: 15,
  approveMs: 20,
  settleMs: 25,
  /** Of the function that feeds the bus, for each of its calls. */
  feedMs: 60,
  /** Records of the stream in one of its calls; up to 100. */
  recordsInBatch: 10,
  hotMemoryGb: 1,
  feedMemoryGb: 0.5,
  /** Lambda’s own start, end and report lines in JSON, and one of ours. */
  logBytesOfCall: 1_500,
  /** What API Gateway puts in place of each variable of the access log’s line. */
  accessLogBytesOfVariable: 20,
  /** An answer with its headers. */
  sentBytesOfAnswer: 1_500,
  logRetentionMonths: 3,
  /** Logs are kept compressed. */
  logCompression: 0.15,
  /** Runs of an account that has runs, in a day, spread evenly: the midnight’s write is shared among them. */
  runsOfAccountADay: 10,
  /** X-Ray’s default: the first call of each second at each function, and this share of the others. */
  tracedShare: 0.05,
  /** Functions with the signing key that stay warm; each reads it every five minutes. */
  warmInstances: 10,
  /** Metrics of our own that something is counted in all month, each dimension by itself. */
  ownMetrics: 60,
  /** Agents’ processes; each asks for a token once an hour. */
  agentProcesses: 10,
} as const;

export const HOURS_OF_MONTH = 730;
export const SECONDS_OF_MONTH = HOURS_OF_MONTH * 3600;

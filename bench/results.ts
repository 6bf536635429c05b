/** What one round measured of one server. */
export interface Figures {
  readonly requests: number;
  readonly seconds: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  /** CPU seconds of the server's processes. */
  readonly applicationCpuSeconds: number;
  /** CPU seconds of the database server's processes; 0 where the database runs inside the application. */
  readonly databaseCpuSeconds: number;
  /** CPU seconds of the load generator: near `seconds`, it is what held the round up. */
  readonly clientCpuSeconds: number;
}

/** One after the other, in alternating order. */
export interface Round {
  readonly bare: Figures;
  readonly ours: Figures;
}

/** The middle of the rounds, with the least and the most of the ratios. */
export interface Summary {
  readonly requestsPerSecond: number;
  readonly bareRequestsPerSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  /** CPU seconds per 1,000 requests. */
  readonly applicationCpu: number;
  readonly databaseCpu: number;
  readonly bareCpu: number;
  /** CPU per request of the bare server by that of everything that serves the request here. */
  readonly cpuRatio: Spread;
  readonly requestsRatio: Spread;
  /** How busy the load generator was with the bare server, of one core: near 1 the bare server could have done more. */
  readonly clientLoad: number;
}

export interface Spread {
  readonly median: number;
  readonly least: number;
  readonly most: number;
}

export interface OperationResult {
  readonly summary: Summary;
  readonly rounds: readonly Round[];
}

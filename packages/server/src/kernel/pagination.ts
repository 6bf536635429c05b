/** The most records of a page. */
export const maxPageSize = 100;

/** Where a page of a list begins and how long it is; records come by ascending id. */
export interface PageRequest {
  /** 1-100. */
  readonly limit: number;
  readonly start: { readonly offset: number } | { readonly afterId: number };
  /** Whether the count must be exact where more than `countBound` records fit. */
  readonly exactCount: boolean;
}

export interface Page<Row> {
  readonly rows: readonly Row[];
  readonly count: number;
  /** True when `count` is a lower bound. */
  readonly countIsBound: boolean;
  /** The id after which more records follow; undefined on the last page. */
  readonly lastId: number | undefined;
}

/** The shortest page there is, for who wants the count alone. */
export const countAlone: PageRequest = { limit: 1, start: { offset: 0 }, exactCount: false };

/** Beyond this many records a filtered count is a bound, unless the client asks for the exact one. */
export const countBound = 100_000;

export interface Count {
  readonly count: number;
  readonly countIsBound: boolean;
}

/** Reads what a count with a limit of `countBound + 1` found. */
export const boundedCount = (found: number): Count =>
  found > countBound ? { count: countBound, countIsBound: true } : { count: found, countIsBound: false };

export const exactly = (count: number): Count => ({ count, countIsBound: false });

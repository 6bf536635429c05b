/** What may be there at once: hot paths do without the promises of what lies in memory, or in a database within this process. */
export type AtHand<T> = T | Promise<T>;

/** Goes on with a value: at once where it is at hand, which spares some 300 ns and as many octets of garbage, else when it comes. */
export const whenAtHand = <T, Result>(value: AtHand<T>, next: (value: T) => AtHand<Result>): AtHand<Result> =>
  value instanceof Promise ? value.then(next) : next(value);

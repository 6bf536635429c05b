import pg from "pg";

/**
 * Lets something happen in PostgreSQL before the next statement whose text matches goes out: what another process commits between two
 * statements that were sent together. What follows on the same connection waits, too.
 */
export const beforeStatement = (matching: RegExp, meanwhile: () => Promise<unknown>) => {
  const { query } = pg.Client.prototype;
  let paused: { readonly client: pg.Client; readonly over: Promise<unknown> } | undefined;
  pg.Client.prototype.query = function (this: pg.Client, ...given: [string | { text: string }]) {
    const send = () => (query as (...all: unknown[]) => Promise<unknown>).apply(this, given);
    const matches = matching.test(typeof given[0] === "string" ? given[0] : given[0].text);
    if (!paused && matches) paused = { client: this, over: Promise.resolve().then(meanwhile) };
    return paused?.client === this ? paused.over.then(send) : send();
  } as typeof query;
  return {
    happened: () => paused !== undefined,
    undo(): void {
      pg.Client.prototype.query = query;
    },
  };
};

type End = () => Promise<unknown> | unknown;

const ends: End[] = [];
let ending: Promise<void> | undefined;

/** Notes how to end or free something that the bench has started; returns how to do it now instead of at the end. */
export const atEnd = (end: End): (() => Promise<void>) => {
  ends.push(end);
  return async () => {
    const place = ends.indexOf(end);
    if (place !== -1) ends.splice(place, 1);
    await end();
  };
};

/** Ends everything that still runs, the newest first. What fails to end keeps nothing else from ending. */
export const endEverything = (): Promise<void> => {
  ending ??= (async () => {
    for (let end = ends.pop(); end; end = ends.pop()) {
      try {
        await end();
      } catch (error) {
        process.stderr.write(`bench: could not end something: ${error instanceof Error ? error.message : String(error)}\n`);
      }
    }
  })();
  return ending;
};

/** Whether the bench is being ended: what fails from now on fails for that. */
export const isEnding = (): boolean => ending !== undefined;

/** Ends everything at the first SIGINT or SIGTERM, then the bench. */
export const endOnSignals = (): void => {
  for (const [signal, code] of [
    ["SIGINT", 130],
    ["SIGTERM", 143],
  ] as const) {
    process.on(signal, () => {
      process.stderr.write("\nbench: ending\n");
      void endEverything().then(() => process.exit(code));
    });
  }
};

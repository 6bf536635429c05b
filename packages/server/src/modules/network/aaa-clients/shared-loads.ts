/** Loads that callers share. */
export interface SharedLoads {
  /** Ends when a load that began after this call has ended. */
  reload(): Promise<void>;
  /** Ends when no load is under way; none begins any more. */
  close(): Promise<void>;
}

/** Who asks while a load is under way may have changed what it has read already: those share the load after it. */
export const createSharedLoads = (load: () => Promise<void>): SharedLoads => {
  let isClosed = false;
  let running: Promise<void> | undefined;
  let next: Promise<void> | undefined;

  const reload = (): Promise<void> => {
    if (isClosed) return Promise.resolve();
    if (running) {
      next ??= running
        .catch(() => {})
        .then(() => {
          next = undefined;
          return reload();
        });
      return next;
    }
    running = load().finally(() => {
      running = undefined;
    });
    return running;
  };

  return {
    reload,
    async close() {
      isClosed = true;
      await running?.catch(() => {});
    },
  };
};

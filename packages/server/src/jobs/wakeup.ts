/** Has something done soon, whoever asks how often. */
export interface Wakeup {
  /** Has it done; who asks while it is being done has it done once more. Nothing before the start. */
  wake(): void;
  start(): void;
  /** Ends when what is being done is done. */
  close(): Promise<void>;
}

export const createWakeup = (act: () => Promise<void>, onFailure: (error: unknown) => void): Wakeup => {
  let isStarted = false;
  let isWanted = false;
  let running: Promise<void> | undefined;

  const run = async (): Promise<void> => {
    while (isWanted) {
      isWanted = false;
      await act().catch(onFailure);
    }
  };

  const wake = (): void => {
    if (!isStarted) return;
    isWanted = true;
    running ??= run().finally(() => {
      running = undefined;
      // A request may have come after the last look.
      if (isWanted) wake();
    });
  };

  return {
    wake,
    start() {
      isStarted = true;
    },
    async close() {
      isStarted = false;
      isWanted = false;
      await running;
    },
  };
};

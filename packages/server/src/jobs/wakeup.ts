/** Has something done soon, whoever asks how often. */
export interface Wakeup {
  /** Has it done; who asks while it is being done has it done once more. Nothing before the start. */
  wake(): void;
  /** From here on what is asked for is done. */
  start(act: () => Promise<void>): void;
  /** Ends when what is being done is done. */
  close(): Promise<void>;
}

export const createWakeup = (onFailure: (error: unknown) => void): Wakeup => {
  let act: (() => Promise<void>) | undefined;
  let isWanted = false;
  let running: Promise<void> | undefined;

  const run = async (): Promise<void> => {
    while (isWanted && act) {
      isWanted = false;
      await act().catch(onFailure);
    }
  };

  const wake = (): void => {
    if (!act) return;
    isWanted = true;
    running ??= run().finally(() => {
      running = undefined;
      // A request may have come after the last look.
      if (isWanted) wake();
    });
  };

  return {
    wake,
    start(given) {
      act = given;
    },
    async close() {
      act = undefined;
      isWanted = false;
      await running;
    },
  };
};

import { Presets, SingleBar } from "cli-progress";

export interface Progress {
  update(done: number): void;
  stop(): void;
}

/** Shows on standard error how far something is: a bar on a terminal, a line now and then elsewhere. */
export const showProgress = (what: string, total: number): Progress => {
  const bar = new SingleBar(
    {
      format: `${what} {bar} {percentage} % {value}/{total}, {eta_formatted} left`,
      stream: process.stderr,
      noTTYOutput: true,
      notTTYSchedule: 10_000,
      hideCursor: true,
    },
    Presets.shades_classic,
  );
  bar.start(total, 0);
  return { update: (done) => bar.update(done), stop: () => bar.stop() };
};

/** Says on standard error what goes on. */
export const say = (what: string): void => {
  process.stderr.write(`${what}\n`);
};

import { type ChildProcess, fork } from "node:child_process";
import { join } from "node:path";
import { atEnd } from "./ending.ts";

/** A process of the bench's own that answers one question after another. */
export interface Child<Question, Answer> {
  readonly pid: number;
  ask(question: Question): Promise<Answer>;
  stop(): Promise<void>;
}

type Reply<Answer> = { readonly answer: Answer } | { readonly failure: string };

/** Starts a file of this folder as a process of its own, on this Node, with more of its options. It ends with the bench, whatever ends that. */
export const startChild = <Question, Answer>(file: string, options: readonly string[] = []): Child<Question, Answer> => {
  const child = fork(join(import.meta.dirname, file), {
    execArgv: ["--conditions=gatehouse-source", ...options],
    stdio: ["ignore", "inherit", "inherit", "ipc"],
    serialization: "advanced",
  });
  const stop = atEnd(() => endOf(child));
  return {
    pid: child.pid!,
    ask: (question) =>
      new Promise((resolve, reject) => {
        const settle = (act: () => void) => {
          child.off("exit", onExit);
          child.off("message", onMessage);
          act();
        };
        const onExit = (code: number | null) => settle(() => reject(new Error(`${file} ended with ${code} instead of answering.`)));
        const onMessage = (reply: Reply<Answer>) =>
          settle(() => ("failure" in reply ? reject(new Error(reply.failure)) : resolve(reply.answer)));
        child.on("exit", onExit);
        child.on("message", onMessage as (message: unknown) => void);
        child.send(question as object);
      }),
    stop,
  };
};

/** Asks a process to end, and makes it after a while; returns when it has ended. */
export const endOf = async (child: ChildProcess, patienceMs = 15_000): Promise<void> => {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = new Promise((resolve) => child.once("exit", resolve));
  child.kill("SIGTERM");
  const timer = setTimeout(() => child.kill("SIGKILL"), patienceMs);
  await ended;
  clearTimeout(timer);
};

/** The other side: answers the bench's questions until it goes away. */
export const answerParent = <Question, Answer>(answer: (question: Question) => Promise<Answer> | Answer): void => {
  process.on("message", async (question: Question) => {
    let reply: Reply<Answer>;
    try {
      reply = { answer: await answer(question) };
    } catch (error) {
      reply = { failure: error instanceof Error ? (error.stack ?? error.message) : String(error) };
    }
    process.send!(reply);
  });
  // Ctrl-C reaches the whole group of processes; the bench itself ends its children, in order.
  process.on("SIGINT", () => {});
  process.on("disconnect", () => process.exit());
};

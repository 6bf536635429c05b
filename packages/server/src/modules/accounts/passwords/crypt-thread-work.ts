import { setPriority } from "node:os";
import { parentPort, workerData } from "node:worker_threads";
import { cryptString } from "./crypt-string.ts";

/** A password, and the stored string whose scheme, rounds and salt it is to be hashed under. */
export interface CryptQuestion {
  readonly password: Uint8Array;
  readonly stored: string;
}

/** The string that the password makes; or why there is none, where the stored one cannot be read. */
export type CryptAnswer = { readonly made: string } | { readonly fault: string };

/** Whether the thread makes expensive strings. */
export interface CryptThreadData {
  readonly isExpensive: boolean;
}

/** As `nice` has it: a tenth of the weight of a thread that leaves it alone. */
const expensivePriority = 10;

/** The thread: one question after another. */
if (parentPort) {
  const port = parentPort;
  // Linux keeps a priority for each thread: where processors are few, the event loop goes before a second of rounds.
  if ((workerData as CryptThreadData | null)?.isExpensive && process.platform === "linux") setPriority(expensivePriority);
  port.on("message", ({ password, stored }: CryptQuestion) => {
    let answer: CryptAnswer;
    try {
      answer = { made: cryptString(Buffer.from(password), stored) };
    } catch (error) {
      answer = { fault: (error as Error).message };
    }
    port.postMessage(answer);
  });
}

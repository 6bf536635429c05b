import type { House } from "../../manifest.ts";
import { createCryptThreads } from "./crypt-threads.ts";
import { createPasswordHasher, createPasswordQueue } from "./password-hasher.ts";
import { createPasswordVerifier } from "./password-verifier.ts";

export const passwordModule = {
  name: "accounts/passwords",
  build({ clock }: House<unknown>) {
    const queue = createPasswordQueue();
    const threads = createCryptThreads();
    return {
      service: {
        hasher: createPasswordHasher(queue, clock),
        verifier: createPasswordVerifier({ clock, queue, crypt: threads.crypt }),
      },
      close: threads.close,
    };
  },
} as const;

import { type Delay, systemDelay } from "../../../kernel/clock.ts";
import type { Family, NameAnswer, NameBook } from "./name-book.ts";
import type { ServedClients } from "./served-clients.ts";

/** Asks DNS for a name. */
export interface NameLookup {
  /** The addresses of one family, perhaps none; an error whose `code` says what went wrong. */
  resolve(name: string, family: Family): Promise<readonly string[]>;
  /** Gives up what is asked. */
  close(): void;
}

export interface NameRoundsDependencies {
  readonly table: Pick<ServedClients, "names" | "renewNames" | "onReload">;
  readonly book: NameBook;
  readonly lookup: NameLookup;
  readonly delay?: Delay;
}

/** Looks up the names of AAA clients. */
export interface NameRounds {
  /** Begins: from here on names that are new are looked up at once. */
  start(): void;
  /** Has every name looked up that does not wait for that already. */
  begin(): void;
  /** The same, and waits until all are. */
  refresh(): Promise<void>;
  close(): void;
}

/** How many names are looked up at once, in all and of one organization directly below the root with those below it. */
const maxAtOnce = 16;
const maxOfOneShare = 4;
/** When a query counts as not answered. */
const answerTimeoutMs = 5_000;
/** Answers that come together change the table together. */
const togetherMs = 100;

/** Names wait in a line for each who pays, and the lines take turns: many or slow names of one keep nobody else's waiting. */
export const createNameRounds = ({ table, book, lookup, delay = systemDelay }: NameRoundsDependencies): NameRounds => {
  const lines = new Map<string, string[]>();
  const waiting = new Set<string>();
  const underWay = new Map<string, number>();
  let running = 0;
  let whenDone: (() => void)[] = [];
  let callOffRenewal: (() => void) | undefined;
  let [isStarted, isClosed] = [false, false];

  const renewSoon = (): void => {
    callOffRenewal ??= delay(renew, togetherMs);
  };
  const renew = (): void => {
    callOffRenewal?.();
    callOffRenewal = undefined;
    if (!isClosed) table.renewNames();
  };

  const ask = (name: string, family: Family): Promise<NameAnswer> =>
    new Promise((resolve) => {
      const callOff = delay(() => resolve({ failure: "ETIMEOUT" }), answerTimeoutMs);
      const settle = (answer: NameAnswer) => {
        callOff();
        resolve(answer);
      };
      lookup.resolve(name, family).then(
        (addresses) => settle({ addresses }),
        (error: unknown) => settle({ failure: codeOf(error) }),
      );
    });

  const lookUp = async (name: string): Promise<void> => {
    const [four, six] = await Promise.all([ask(name, 4), ask(name, 6)]);
    if (isClosed) return;
    if (book.note(name, { 4: four, 6: six })) renewSoon();
  };

  /** The next line in turn of one who has not too many under way. */
  const nextOf = (): readonly [payer: string, name: string] | undefined => {
    for (const [payer, line] of lines) {
      if ((underWay.get(payer) ?? 0) >= maxOfOneShare) continue;
      const name = line.shift()!;
      lines.delete(payer);
      if (line.length > 0) lines.set(payer, line);
      return [payer, name];
    }
    return undefined;
  };

  const fill = (): void => {
    while (!isClosed && running < maxAtOnce) {
      const next = nextOf();
      if (!next) break;
      const [payer, name] = next;
      running += 1;
      underWay.set(payer, (underWay.get(payer) ?? 0) + 1);
      void lookUp(name).finally(() => {
        waiting.delete(name);
        running -= 1;
        const left = underWay.get(payer)! - 1;
        if (left === 0) underWay.delete(payer);
        else underWay.set(payer, left);
        fill();
      });
    }
    if (running > 0 || (waiting.size > 0 && !isClosed)) return;
    if (callOffRenewal) renew();
    const done = whenDone;
    whenDone = [];
    for (const resolve of done) resolve();
  };

  const line = (isDue: (name: string) => boolean): void => {
    if (isClosed) return;
    const names = table.names();
    book.keep(names);
    for (const [name, payer] of names) {
      if (waiting.has(name) || !isDue(name)) continue;
      waiting.add(name);
      const standing = lines.get(payer);
      if (standing) standing.push(name);
      else lines.set(payer, [name]);
    }
    fill();
  };
  const lineNew = () => line((name) => book.find(name) === undefined);

  table.onReload(() => void (isStarted && lineNew()));

  return {
    start() {
      isStarted = true;
      lineNew();
    },
    begin: () => line(() => true),
    refresh() {
      return new Promise((resolve) => {
        whenDone.push(resolve);
        line(() => true);
      });
    },
    close() {
      isClosed = true;
      callOffRenewal?.();
      lookup.close();
      fill();
    },
  };
};

const codeOf = (error: unknown): string => {
  const code = error instanceof Error && "code" in error ? String(error.code) : "";
  return /^[A-Z_]{1,40}$/.test(code) ? code : "EFAILED";
};

import type { IncomingMessage } from "node:http";
import { DomainError } from "../kernel/errors.ts";

/** Headers that say one thing: of two Node keeps the first, and a proxy in front may have judged the last. */
const once: ReadonlySet<string> = new Set([
  "host",
  "authorization",
  "content-type",
  "content-encoding",
  "content-length",
  "if-modified-since",
  "if-unmodified-since",
  "x-forwarded-prefix",
]);

/** Throws 400 when a header that says one thing stands there twice. */
export const refuseRepeated = ({ headers, rawHeaders }: IncomingMessage): void => {
  // As many names as lines: none stands there twice.
  if (Object.keys(headers).length * 2 === rawHeaders.length) return;
  let seen: string[] | undefined;
  for (let index = 0; index < rawHeaders.length; index += 2) {
    const name = rawHeaders[index]!.toLowerCase();
    if (!once.has(name)) continue;
    seen ??= [];
    if (seen.includes(name)) throw new DomainError("request.malformed", `The header ${rawHeaders[index]} may stand there once.`);
    seen.push(name);
  }
};

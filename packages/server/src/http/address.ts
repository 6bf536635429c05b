import { BoundedCache } from "../kernel/bounded-cache.ts";

/** The parts of a request's URL as links repeat them. */
export type Address = Pick<URL, "origin" | "pathname" | "search">;

/** Origins that were looked through; a client may name any host. */
const origins = new BoundedCache<string, string>(100);

/** An origin, or the public URL with the path before ours, as a URL writes it: host in lower case, no usual port. */
const written = (origin: string): string => {
  let found = origins.get(origin);
  if (found === undefined) {
    found = new URL(origin).href.replace(/\/$/, "");
    origins.set(origin, found);
  }
  return found;
};

/** A path and a query of which a URL changes nothing. */
const plain = /^((?:\/[\w~@:-][\w.~@:-]*)+\/?)(\?[\w.~@:,*+=&%-]*)?$/;

/** The address of a request target below an origin: past the URL's own reading, which takes microseconds, where it would change nothing. */
export const addressOf = (origin: string, target: string): Address => {
  const parts = plain.exec(target);
  if (parts) return { origin: written(origin), pathname: parts[1]!, search: parts[2] === "?" ? "" : (parts[2] ?? "") };
  return new URL(origin + target);
};

import { md5Crypt } from "./md5-crypt.ts";
import { shaCrypt } from "./sha-crypt.ts";

/** The crypt(3) string of a password under the scheme, rounds and salt of `stored`, to be compared with it: `$1$`, `$apr1$`, `$5$` or `$6$`. It holds its thread until it is made. */
export const cryptString = (password: Buffer, stored: string): string =>
  /^\$[56]\$/.test(stored) ? shaCrypt(password, stored) : md5Crypt(password, stored);

import { request } from "node:http";
import type { BenchRequest } from "./operations.ts";

/** An answer as it came over the wire, for the bare server to give again. */
export interface RecordedAnswer {
  /** What requests of this kind begin with: method, space, path. */
  readonly begins: string;
  readonly status: number;
  /** Without those that every Node server writes by itself. */
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly body: Uint8Array;
  /** How long the server keeps an idle connection, as it says in a header of Node's own; undefined where it does not say. */
  readonly keepAliveSeconds: number | undefined;
}

const writtenByNode = new Set(["date", "connection", "keep-alive"]);

/** Sends one request and records the answer. */
export const recordAnswer = (address: string, token: string, wanted: BenchRequest, begins: string): Promise<RecordedAnswer> =>
  new Promise((resolve, reject) => {
    const headers = requestHeaders(token, wanted);
    // The path goes as it is: a URL would lose the `?` before an empty query.
    const outgoing = request(address, { path: wanted.path, method: wanted.method, headers }, (response) => {
      const chunks: Buffer[] = [];
      response.on("data", (chunk: Buffer) => chunks.push(chunk));
      response.on("error", reject);
      response.on("end", () => {
        const pairs = Array.from(
          { length: response.rawHeaders.length / 2 },
          (_, index) => [response.rawHeaders[index * 2]!, response.rawHeaders[index * 2 + 1]!] as const,
        );
        resolve({
          begins,
          status: response.statusCode!,
          headers: pairs.filter(([name]) => !writtenByNode.has(name.toLowerCase())),
          body: Buffer.concat(chunks),
          keepAliveSeconds: keepAliveOf(response.headers["keep-alive"]),
        });
      });
    });
    outgoing.on("error", reject);
    outgoing.end(wanted.body);
  });

const keepAliveOf = (header: string | string[] | undefined): number | undefined => {
  const seconds = /timeout=(\d+)/.exec(String(header))?.[1];
  return seconds === undefined ? undefined : Number(seconds);
};

/** The headers that every request of the bench carries. */
export const requestHeaders = (token: string, { body }: Pick<BenchRequest, "body">): Record<string, string> => ({
  authorization: `Bearer ${token}`,
  ...(body === undefined ? {} : { "content-type": "application/json" }),
});

import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { BareQuestion } from "./bare-question.ts";
import { answerParent } from "./child.ts";

interface Prepared {
  readonly begins: string;
  readonly status: number;
  readonly headers: string[];
  readonly body: Buffer;
}

let answers: readonly Prepared[] = [];

const send = (response: ServerResponse, { status, headers, body }: Prepared): void => {
  response.writeHead(status, headers);
  response.end(body);
};

/**
 * The yardstick: Node's own HTTP server and nothing else. It answers the bytes that Gatehouse answered, reads the
 * bodies of writes, and tells requests of several kinds apart by how they begin.
 */
const server = createServer((request, response) => {
  const line = `${request.method} ${request.url}`;
  const answer = answers.length === 1 ? answers[0]! : answers.find(({ begins }) => line.startsWith(begins))!;
  if (request.method === "GET") {
    send(response, answer);
    return;
  }
  const chunks: Buffer[] = [];
  request.on("data", (chunk: Buffer) => chunks.push(chunk));
  request.on("end", () => {
    Buffer.concat(chunks);
    send(response, answer);
  });
});

let listening: Promise<string> | undefined;
const listen = (port: number, reusePort: boolean): Promise<string> =>
  new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen({ port, host: "127.0.0.1", reusePort }, () => resolve(`http://127.0.0.1:${(server.address() as AddressInfo).port}`));
  });

/** Takes the answers to give from now on, and says where it listens. */
answerParent(({ answers: recorded, port, isShared }: BareQuestion): Promise<string> => {
  answers = recorded
    .map(({ begins, status, headers, body }) => ({ begins, status, headers: headers.flat(), body: Buffer.from(body) }))
    .sort((one, other) => other.begins.length - one.begins.length);
  server.keepAliveTimeout = (recorded[0]?.keepAliveSeconds ?? 5) * 1_000;
  listening ??= listen(port, isShared);
  return listening;
});

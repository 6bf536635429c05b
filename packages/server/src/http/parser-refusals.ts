import type { IncomingMessage, Server, ServerResponse } from "node:http";
import { STATUS_CODES } from "node:http";
import type { Socket } from "node:net";
import { errorRegistry } from "@gatehouse-aaa/contract";
import { DomainError } from "../kernel/errors.ts";
import { problemOf } from "./problem.ts";

export interface ParserRefusalDependencies {
  readonly newRequestId: () => string;
  /** Ends a connection whose other side may still send. */
  endConnection(socket: Socket): void;
  /** Logs a refusal. */
  onRefused(requestId: string, status: number, address: string): void;
}

export interface ParserRefusals {
  onClientError(error: NodeJS.ErrnoException, socket: Socket): void;
  /** Answers requests that never reach a route. */
  listen(server: Server): void;
}

/** Answers what Node's parser refuses, and so no route ever sees, by a problem document like any other refusal. */
export const createParserRefusals = ({ newRequestId, endConnection, onRefused }: ParserRefusalDependencies): ParserRefusals => {
  const refused = new WeakSet<Socket>();

  const write = (socket: Socket, error: DomainError, headers: readonly string[] = []): void => {
    if (!socket.writable) {
      socket.destroy();
      return;
    }
    const requestId = newRequestId();
    const { status } = errorRegistry[error.code];
    const text = JSON.stringify(problemOf(error, requestId));
    const head = [
      `HTTP/1.1 ${status} ${STATUS_CODES[status]}`,
      "x-content-type-options: nosniff",
      "cache-control: no-store",
      "content-type: application/problem+json",
      `content-length: ${Buffer.byteLength(text)}`,
      "connection: close",
      ...headers,
    ];
    socket.write(`${head.join("\r\n")}\r\n\r\n${text}`);
    endConnection(socket);
    onRefused(requestId, status, socket.remoteAddress ?? "");
  };

  /** Answers after those that came before on the connection; a request whose own body is at fault gets this as its answer. */
  const writeInTurn = (socket: Socket & { _httpMessage?: ServerResponse | null }, error: DomainError): void => {
    const underway = socket._httpMessage;
    if (underway?.req.complete) underway.once("finish", () => setImmediate(writeInTurn, socket, error));
    else if (underway?.headersSent) socket.destroy();
    else write(socket, error);
  };

  return {
    onClientError(error, socket) {
      if (refused.has(socket)) {
        if (error.code === "ERR_HTTP_REQUEST_TIMEOUT") socket.destroy();
        return;
      }
      refused.add(socket);
      const known = refusalOf(error.code ?? "");
      if (known) writeInTurn(socket, known);
      else socket.destroy();
    },
    listen(server) {
      server.on("connect", (_request: IncomingMessage, socket: Socket) =>
        write(socket, new DomainError("method.not_allowed", "This server is no proxy."), [
          "allow: GET, HEAD, OPTIONS, PATCH, POST, PUT, DELETE",
        ]),
      );
      server.on("checkExpectation", (request: IncomingMessage, response: ServerResponse) => {
        refused.add(request.socket);
        response.detachSocket(request.socket);
        write(request.socket, new DomainError("request.expectation_failed", "Expect takes 100-continue alone."));
      });
    },
  };
};

const refusalOf = (code: string): DomainError | undefined => {
  if (code === "HPE_HEADER_OVERFLOW")
    return new DomainError("request.headers_too_large", "Request line and headers may have 16 KiB together.");
  if (code === "ERR_HTTP_REQUEST_TIMEOUT") return new DomainError("request.timeout", "The request came too slowly.");
  if (code === "HPE_CHUNK_EXTENSIONS_OVERFLOW") return new DomainError("body.too_large", "The chunk extensions of the body are too large.");
  if (!code.startsWith("HPE_")) return undefined;
  return new DomainError("request.malformed", sentences[code] ?? "This is no HTTP/1.1 request.");
};

const sentences: Readonly<Record<string, string>> = {
  HPE_INVALID_METHOD: "The request line begins with no method of HTTP.",
  HPE_INVALID_URL: "The request line has characters that must be percent-encoded in a URL.",
  HPE_INVALID_VERSION: "The request line names no version of HTTP that is spoken here.",
  HPE_INVALID_HEADER_TOKEN: "A header has characters that headers may not have.",
  HPE_INVALID_CONTENT_LENGTH: "Content-Length is no length.",
  HPE_UNEXPECTED_CONTENT_LENGTH: "Content-Length may stand there once, and not beside Transfer-Encoding.",
  HPE_INVALID_TRANSFER_ENCODING: "Transfer-Encoding may be chunked alone, and not beside Content-Length.",
  HPE_INVALID_CHUNK_SIZE: "A chunk of the body has no size.",
  HPE_INVALID_EOF_STATE: "The request ends too early.",
  HPE_PAUSED_H2_UPGRADE: "Speak HTTP/1.1 here.",
};

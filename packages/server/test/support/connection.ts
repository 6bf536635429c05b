import { Agent, request } from "node:http";

export interface Reply {
  readonly status: number;
  // biome-ignore lint/suspicious/noExplicitAny: tests look into answers of every shape
  readonly body: any;
}

/** One connection to a server that is kept open: all its requests are answered by the same worker until it breaks. */
export interface Connection {
  /** The answer; undefined when the connection broke before it came. The next request makes a new connection. */
  ask(method: string, path: string, body?: unknown): Promise<Reply | undefined>;
  /** How often it broke. */
  breaks(): number;
  close(): void;
}

export const openConnection = (address: string, token: string): Connection => {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  let breaks = 0;
  return {
    breaks: () => breaks,
    close: () => agent.destroy(),
    ask: (method, path, body) =>
      new Promise((resolve) => {
        const broken = () => {
          breaks += 1;
          resolve(undefined);
        };
        const text = body === undefined ? undefined : JSON.stringify(body);
        const headers = {
          authorization: `Bearer ${token}`,
          ...(text === undefined ? {} : { "content-type": "application/json", "content-length": Buffer.byteLength(text) }),
        };
        const asked = request(`${address}${path.startsWith("/metrics") ? "" : "/api/v1"}${path}`, { method, agent, headers }, (answer) => {
          const chunks: Buffer[] = [];
          answer.on("data", (chunk: Buffer) => chunks.push(chunk));
          answer.once("error", broken);
          answer.once("end", () => {
            const said = Buffer.concat(chunks).toString();
            const isJson = /json/.test(String(answer.headers["content-type"] ?? ""));
            resolve({ status: answer.statusCode!, body: isJson ? JSON.parse(said) : said });
          });
        });
        asked.once("error", broken);
        asked.end(text);
      }),
  };
};

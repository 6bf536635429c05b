import { type AddressInfo, connect } from "node:net";
import type { World } from "./world.ts";

/** Lets a world answer on a port of loopback, which is returned. */
export const listen = async ({ app }: World): Promise<number> => {
  await app.http.listen({ host: "127.0.0.1", port: 0 });
  return (app.http.server.address() as AddressInfo).port;
};

/** All that comes back for bytes that are sent as they are, until the other side ends the connection. */
export const exchange = (port: number, pieces: readonly (string | Buffer)[], endsThere = false): Promise<string> =>
  new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1", () => {
      for (const piece of pieces) socket.write(piece);
      if (endsThere) socket.end();
    });
    let text = "";
    socket.on("data", (chunk) => {
      text += chunk.toString("latin1");
    });
    socket.on("error", () => {});
    socket.on("close", () => resolve(text));
    socket.on("end", () => socket.end());
  });

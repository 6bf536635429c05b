import { createServer, type Server, type Socket } from "node:net";
import { TLSSocket } from "node:tls";

/** A certificate for localhost that nobody but itself has signed; it is good for a hundred years. */
export const certificate = `-----BEGIN CERTIFICATE-----
MIIBlTCCATugAwIBAgIUM/MELaApXNB39dmhlGRwZzGVyt0wCgYIKoZIzj0EAwIw
FDESMBAGA1UEAwwJbG9jYWxob3N0MCAXDTI2MTEzMDEwMzkyN1oYDzIxMjYxMTA2
MTAzOTI3WjAUMRIwEAYDVQQDDAlsb2NhbGhvc3QwWTATBgcqhkjOPQIBBggqhkjO
PQMBBwNCAAQwtfebVj4AxI9hqMGdxAHEvR8AUJ5pftZ6jNSAxP8pA85PExK+3zOB
txenkaCvyoeslXtCJC42T2j9705YUxNto2kwZzAdBgNVHQ4EFgQUZreG1AQvO2Tn
HyLxe6KDetUY1xUwHwYDVR0jBBgwFoAUZreG1AQvO2TnHyLxe6KDetUY1xUwDwYD
VR0TAQH/BAUwAwEB/zAUBgNVHREEDTALgglsb2NhbGhvc3QwCgYIKoZIzj0EAwID
SAAwRQIhAKaidBBisuIExZ+VildJK3vhh+b2Wf4nJoUoHEp5bEJfAiAcG2CERI5f
78qadhwx4fTyZm9Mh2DLdlm2tvz69LTUMg==
-----END CERTIFICATE-----
`;
/** Its key, which opens nothing. */
export const key = `-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgo9QF+POPjcs/j8R9
U1zw4B2eYOypvRu69tYkg0+PtpqhRANCAAQwtfebVj4AxI9hqMGdxAHEvR8AUJ5p
ftZ6jNSAxP8pA85PExK+3zOBtxenkaCvyoeslXtCJC42T2j9705YUxNt
-----END PRIVATE KEY-----
`;

/** What PostgreSQL answers to an SSLRequest: `S` and TLS. */
const wantsTls = Buffer.from([0, 0, 0, 8, 4, 210, 22, 47]);

/** A server that takes a PostgreSQL client's TLS with a certificate that no authority has signed, and then says `FATAL`. */
export const startTlsServer = async (): Promise<{ readonly port: number; close(): Promise<void> }> => {
  const sockets = new Set<Socket>();
  const server: Server = createServer((socket) => {
    sockets.add(socket);
    socket.on("error", () => {});
    socket.once("data", (first: Buffer) => {
      if (!first.equals(wantsTls)) return void socket.end(fatal("08P01", "this server speaks TLS alone"));
      socket.write("S");
      const secure = new TLSSocket(socket, { isServer: true, key, cert: certificate });
      secure.on("error", () => {});
      secure.once("data", () => secure.end(fatal("28000", "no entry for this user")));
    });
  });
  await new Promise<void>((resolve) => void server.listen(0, "127.0.0.1", resolve));
  return {
    port: (server.address() as { port: number }).port,
    async close() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => void server.close(resolve));
    },
  };
};

/** An ErrorResponse of the protocol. */
const fatal = (code: string, message: string): Buffer => {
  const fields = Buffer.from(`SFATAL\0VFATAL\0C${code}\0M${message}\0\0`);
  const head = Buffer.from("E\0\0\0\0", "latin1");
  head.writeInt32BE(fields.length + 4, 1);
  return Buffer.concat([head, fields]);
};

import { isIP } from "node:net";
import { type Command, InvalidArgumentError, Option } from "commander";
import type { AttributeText } from "../radius/protocol/dictionary/attribute-encoding.ts";
import { packetCode } from "../radius/protocol/packet/packet-code.ts";
import { maxSecretLength, type SharedSecret, sharedSecretOf } from "../radius/protocol/packet/shared-secret.ts";
import { listenForRequests } from "../radius/simulated-nas/dynamic-authorization-listener.ts";
import { type Exchanged, exchange } from "../radius/simulated-nas/equipment-exchange.ts";
import { type RequestKind, writeRequest } from "../radius/simulated-nas/equipment-request.ts";
import { attributeLines, nameOfPacket } from "../radius/simulated-nas/packet-text.ts";
import { endingSignals } from "../workers/worker-process.ts";
import { CommandRefused } from "./command-refused.ts";
import { environmentConfig } from "./environment-config.ts";

/** `gatehouse radius`: plays network equipment, to try a RADIUS server where there is none. It opens no installation. */
export const addRadiusCommand = (program: Command): void => {
  const radius = program.command("radius").description("play network equipment: ask, report and receive requests by RADIUS");
  addAsking(radius, "auth", "ask for a login, and show the answer", [
    "gatehouse radius auth User-Name=guest1 User-Password=welcome-1 Calling-Station-Id=AA-BB-CC-DD-EE-01",
    "gatehouse radius auth --server 192.0.2.5 User-Name=guest1 CHAP-Password=welcome-1",
  ]);
  addAsking(radius, "acct", "report a session", [
    "gatehouse radius acct Acct-Status-Type=Start Acct-Session-Id=1 User-Name=guest1",
    "gatehouse radius acct Acct-Status-Type=Stop Acct-Session-Id=1 User-Name=guest1 Acct-Session-Time=60",
  ]);
  addAsking(radius, "status", "ask whether the server is there and knows the secret", ["gatehouse radius status --server 192.0.2.5"]);
  addListen(radius);
};

interface AskingOptions {
  readonly server: { readonly host: string; readonly port: number | undefined };
  readonly secret: SharedSecret;
  readonly source?: string;
  readonly timeout: number;
  readonly tries: number;
}

const addAsking = (radius: Command, kind: RequestKind, description: string, examples: readonly string[]): void => {
  const command = radius
    .command(kind)
    .description(description)
    .addOption(
      new Option(
        "--server <host[:port]>",
        `whom to ask; the default port is that of ${kind === "acct" ? "GATEHOUSE_RADIUS_ACCT_PORT" : "GATEHOUSE_RADIUS_AUTH_PORT"}`,
      )
        .default(readServer("127.0.0.1"), "127.0.0.1")
        .argParser(readServer),
    )
    .addOption(secretOption())
    .option("--source <address>", "the address of this machine to ask from", readAddress)
    .option("--timeout <seconds>", "how long each transmission waits for the answer", readSeconds, 3)
    .option("--tries <number>", "how often the request is sent, at most", readTries, 3)
    .addHelpText(
      "after",
      `
Attributes have FreeRADIUS' names. User-Password and CHAP-Password take the
password itself. Other users of this machine can see the command line, so use
accounts that are made for a trial. The exit code is 0 for an Access-Accept, an
Accounting-Response and any answer to status, and 1 otherwise.

Examples:
  $ export RADIUS_SECRET=testing123
${examples.map((example) => `  $ ${example}\n`).join("")}`,
    );
  if (kind !== "status") command.argument("<attribute=value...>", "what the request carries");
  command.action(async (first: readonly string[] | AskingOptions, second?: AskingOptions) => {
    const [texts, options] = Array.isArray(first) ? [first as readonly string[], second!] : [[], first as AskingOptions];
    const written = writeRequest(kind, texts.map(readAttribute), options.secret);
    if ("fault" in written) throw new CommandRefused(written.fault);
    const { host, port = portOf(kind) } = options.server;
    const place = { host, port, source: options.source, timeoutMs: options.timeout * 1000, tries: options.tries };
    const came = await exchange(written.bytes, options.secret, place);
    if (came.kind !== "answer") throw new CommandRefused(whyNothingCame(came, `${host} port ${port}`));
    process.stdout.write(
      `${nameOfPacket(came.packet)}\n${attributeLines(came.packet)
        .map((line) => `    ${line}\n`)
        .join("")}`,
    );
    if (kind === "auth" && came.packet.code !== packetCode.accessAccept) process.exitCode = 1;
  });
};

const addListen = (radius: Command): void => {
  radius
    .command("listen")
    .description("receive CoA-Requests and Disconnect-Requests as equipment does, and print each, until it is stopped")
    .option("--address <address>", "where to listen", readAddress, "127.0.0.1")
    .option("--port <port>", "the UDP port, the AAA client's coa_port; 0 takes any free one", readPort, 3799)
    .addOption(secretOption())
    .option(
      "--refuse <error-cause>",
      "refuse every request with this Error-Cause, such as 503: no such session (default: obey)",
      readErrorCause,
    )
    .addHelpText(
      "after",
      "\nExamples:\n  $ RADIUS_SECRET=testing123 gatehouse radius listen\n  $ gatehouse radius listen --secret testing123 --refuse 503\n",
    )
    .action(async (options: { address: string; port: number; secret: SharedSecret; refuse?: number }) => {
      const { address, secret } = options;
      const say = (line: string) => void process.stdout.write(`${line}\n`);
      const listener = await listenForRequests({
        address,
        port: options.port,
        secret,
        errorCause: options.refuse,
        onRequest: (request) => say([nameOfPacket(request), ...attributeLines(request)].join("  ")),
        onStranger: (from, why) => say(`Not obeyed: from ${from}, ${why}.`),
      }).catch((error: NodeJS.ErrnoException) => {
        throw new CommandRefused(
          `Nothing can listen on UDP ${address} port ${options.port} (${error.code}). Say another --address or --port.`,
        );
      });
      say(`CoA-Requests and Disconnect-Requests are received on UDP ${address} port ${listener.port}.`);
      for (const signal of endingSignals) process.once(signal, () => void listener.close());
    });
};

const secretOption = (): Option =>
  new Option("--secret <secret>", "what is shared with the server")
    .env("RADIUS_SECRET")
    .makeOptionMandatory()
    .argParser((text: string) => {
      const octets = Buffer.from(text);
      if (octets.length === 0 || octets.length > maxSecretLength)
        throw new InvalidArgumentError(`A secret has 1 to ${maxSecretLength} octets.`);
      return sharedSecretOf(octets);
    });

const portOf = (kind: RequestKind): number => {
  const config = environmentConfig();
  return kind === "acct" ? config.radiusAcctPort || 1813 : config.radiusAuthPort || 1812;
};

const whyNothingCame = (came: Exclude<Exchanged, { kind: "answer" }>, where: string): string => {
  if (came.kind === "unreachable") {
    if (came.code === "ECONNREFUSED") return `Nobody listens at ${where}. Without an AAA client Gatehouse does not: make one first.`;
    return `Nothing can be sent to ${where} (${came.code}).`;
  }
  if (came.forged > 0) return `What came from ${where} is not signed with this secret.`;
  return `No answer from ${where}: there is no AAA client of the address that this comes from, its secret is another one, or packets are lost. The server's log says which.`;
};

const readAttribute = (text: string): AttributeText => {
  const [, name, value] = /^\s*([^\s=]+)\s*=\s*(.*)$/s.exec(text) ?? [];
  if (name === undefined) throw new CommandRefused(`"${text}" is no attribute. Write it as Name=value, such as User-Name=guest1.`);
  return { name, value: value! };
};

const readServer = (text: string): AskingOptions["server"] => {
  const [, bracketed, plain, port] = /^(?:\[([^\]]+)\]|([^:\s]+))(?::(\d{1,5}))?$/.exec(text) ?? [];
  const host = bracketed ?? plain ?? (isIP(text) === 6 ? text : undefined);
  if (host === undefined) throw new InvalidArgumentError("Write it as 192.0.2.5, radius.example.com:1812 or [2001:db8::5]:1812.");
  return { host, port: port === undefined ? undefined : whole(1, 65_535)(port) };
};

const readAddress = (text: string): string => {
  if (isIP(text) === 0) throw new InvalidArgumentError("Give an IPv4 or IPv6 address of this machine.");
  return text;
};

const whole = (lowest: number, highest: number) => (text: string) => {
  const number = /^\d{1,10}$/.test(text) ? Number(text) : -1;
  if (number < lowest || number > highest) throw new InvalidArgumentError(`Give a number from ${lowest} to ${highest}.`);
  return number;
};
const readPort = whole(0, 65_535);
const readTries = whole(1, 100);
const readSeconds = whole(1, 600);
const readErrorCause = whole(200, 599);

import { type FakeNas, openFakeNas, type ReceivedRequest } from "./fake-nas.ts";
import {
  type ClientAnswer,
  type ClientRequest,
  openRadiusClient,
  type RadiusClient,
  type RawAttribute,
  readAnswer,
  requestBytes,
} from "./radius-client.ts";

/** Where a door stands. */
export interface DoorPorts {
  readonly authPort: number;
  readonly acctPort: number;
}

/** What equipment tells of a session. */
export interface Told {
  readonly id: string;
  readonly userName: string;
  readonly device: string;
  /** Acct-Session-Time. */
  readonly seconds?: number;
  /** Class of the Accept. */
  readonly ticket?: Buffer | undefined;
}

/** What an Access-Request is answered. */
export interface Admission {
  readonly isAccepted: boolean;
  /** Undefined where the answer has none. */
  readonly sessionTimeoutSeconds: number | undefined;
  readonly ticket: Buffer | undefined;
  readonly message: string | undefined;
}

/** Network equipment with sockets: it asks, reports and takes requests, all from one address. */
export interface Equipment {
  readonly nas: FakeNas;
  login(userName: string, password: string, device: string): Promise<Admission>;
  /** Reports until it is acknowledged. */
  account(status: "Start" | "Stop" | "Interim-Update" | "Accounting-On", told: Told): Promise<void>;
  /** The CoA-Requests and Disconnect-Requests that came since the last call, in short: code, session, and the new Session-Timeout. */
  takeRequests(): (string | number)[][];
  close(): Promise<void>;
}

const statusNumber = { Start: 1, Stop: 2, "Interim-Update": 3, "Accounting-On": 7 } as const;

const valueIn = (answer: ClientAnswer, number: number): Buffer | undefined =>
  answer.attributes.find((attribute) => attribute.number === number)?.value;

const shortly = ({ code, attributes }: ReceivedRequest): (string | number)[] => {
  const find = (number: number) => attributes.find(([own]) => own === number)?.[1];
  const timeout = find(27)?.readUInt32BE(0);
  return [code, find(44)?.toString() ?? "", ...(timeout === undefined ? [] : [timeout])];
};

const mostTries = 20;
const patienceMs = 3_000;

/** Sends a request until it is answered, as equipment does; fails when it never is. */
const exchange = async (client: RadiusClient, request: ClientRequest): Promise<ClientAnswer> => {
  const bytes = requestBytes(request);
  for (let attempt = 0; attempt < mostTries; attempt += 1) {
    client.send(bytes);
    const answer = await client.nextWithin(patienceMs, (datagram) => datagram[1] === request.identifier);
    if (answer) return readAnswer(answer, bytes, request.secret);
  }
  throw new Error(`nobody answered ${mostTries} times`);
};

/** Opens equipment at one of this machine's own addresses (127.0.0.0/8); `open` is what takes its requests, where that is open already. */
export const openEquipment = async (ports: DoorPorts, secret: string, address = "127.0.0.1", open?: FakeNas): Promise<Equipment> => {
  const nas = open ?? (await openFakeNas(secret, address));
  const asking = await openRadiusClient(ports.authPort, "127.0.0.1", address);
  const reporting = await openRadiusClient(ports.acctPort, "127.0.0.1", address);
  let identifier = 0;
  const next = () => {
    identifier = (identifier + 1) % 256;
    return identifier;
  };
  return {
    nas,
    async login(userName, password, device) {
      const attributes: RawAttribute[] = [
        [1, userName],
        [31, device],
        [32, "cafe-ap"],
      ];
      const answer = await exchange(asking, { code: 1, identifier: next(), secret, password, attributes });
      return {
        isAccepted: answer.code === 2,
        sessionTimeoutSeconds: valueIn(answer, 27)?.readUInt32BE(0),
        ticket: valueIn(answer, 25),
        message: valueIn(answer, 18)?.toString(),
      };
    },
    async account(status, { id, userName, device, seconds, ticket }) {
      const attributes: RawAttribute[] = [
        [40, statusNumber[status]],
        [44, id],
        [1, userName],
        [31, device],
        ...(seconds === undefined ? [] : ([[46, seconds]] as const)),
        ...(ticket === undefined ? [] : ([[25, ticket]] as const)),
      ];
      await exchange(reporting, { code: 4, identifier: next(), secret, attributes, messageAuthenticator: "none" });
    },
    takeRequests: () => nas.requests.splice(0).map(shortly),
    async close() {
      await asking.close();
      await reporting.close();
      await nas.close();
    },
  };
};

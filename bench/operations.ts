import { basePath } from "@gatehouse-aaa/contract";
import { organizations, plannedOrganization, usernameOf } from "./data-set.ts";
import type { Random } from "./random.ts";

/** What a request is made from. */
export interface RequestContext {
  readonly users: number;
  /** Chooses the record. */
  readonly pick: Random;
  /** Chooses what is written, so that two lists of requests write other values to the same records. */
  readonly value: Random;
  /** A name that no account has: the same call gives another one each time. */
  freshName(): string;
}

export interface BenchRequest {
  readonly method: "GET" | "POST" | "PATCH";
  readonly path: string;
  readonly body?: string;
}

/** One kind of request of an operation. `begins` tells it from the operation's other kinds. */
export interface RequestKind {
  readonly begins: `${BenchRequest["method"]} ${string}`;
  make(context: RequestContext): BenchRequest;
}

export interface Operation {
  readonly id: string;
  readonly title: string;
  /** The kinds of requests in the order in which they are sent, over and over. */
  readonly kinds: readonly RequestKind[];
  readonly connections: number;
  /** Each request must be made when it is sent, for it may be sent once only. */
  readonly isFresh: boolean;
  /** Requests of one round where a time would cut too many short; without it a round lasts its seconds. */
  readonly amount?: number;
  /** The same for the bare server, which would be done before its CPU time could be read. */
  readonly bareAmount?: number;
  /** What one request writes, where it is many rows. */
  readonly rows?: number;
}

const token = `${basePath}/user_token/`;
const user = `${basePath}/user/`;
const extra = `${basePath}/user_extra/`;
const page = 25;
/** How deep the page by offset lies. */
export const deepOffset = 90_000;
export const rowsOfArray = 1_000;

const get = (path: string): BenchRequest => ({ method: "GET", path });

/** A cursor as the API writes it: it goes on after this id. */
const cursorAfter = (id: number): string => Buffer.from(`after:${id}`).toString("base64url");

const kind = (begins: RequestKind["begins"], make: RequestKind["make"]): RequestKind => ({ begins, make });

const readById = kind(`GET ${token}`, ({ pick, users }) => get(`${token}${1 + pick(users)}/`));
const readByUsername = kind(`GET ${user}username/`, ({ pick, users }) => get(`${user}username/${usernameOf(pick(users))}/`));
const list = kind(`GET ${token}?`, ({ pick }) => get(`${token}?limit=${page}&organization=${plannedOrganization(pick(organizations)).id}`));
const deepByOffset = kind(`GET ${token}?`, ({ pick, users }) =>
  get(`${token}?limit=${page}&offset=${Math.min(deepOffset, Math.floor(users * 0.9)) + pick(1_000)}`),
);
const deepByCursor = kind(`GET ${token}?`, ({ pick, users }) =>
  get(`${token}?limit=${page}&cursor=${cursorAfter(Math.floor(users * 0.9) + pick(1_000))}`),
);
const listExtras = kind(`GET ${extra}?`, ({ pick }) =>
  get(`${extra}?limit=${page}&device_info=true&parent__organization_id=${plannedOrganization(pick(organizations)).id}`),
);
const setBalance = kind(`PATCH ${token}`, ({ pick, value, users }) => ({
  method: "PATCH",
  path: `${token}${1 + pick(users)}/`,
  body: JSON.stringify({ user_time: 1_000_000 + value(1_000_000) }),
}));

const newAccount = ({ pick, value, freshName }: RequestContext) => {
  const username = freshName();
  return {
    username,
    email: `${username}@example.net`,
    first_name: "Ada",
    last_name: "Almeida",
    organization: plannedOrganization(pick(organizations)).id,
    user_time: 3_600 + value(86_400),
  };
};
const create = kind(`POST ${token}`, (context) => ({ method: "POST", path: token, body: JSON.stringify(newAccount(context)) }));
const createMany = kind(`POST ${token}`, (context) => ({
  method: "POST",
  path: token,
  body: JSON.stringify(Array.from({ length: rowsOfArray }, () => newAccount(context))),
}));

const usual = { connections: 16, isFresh: false } as const;
/** 80 % reads by id, 10 % lists, 10 % writes, always in this order. */
const mix = [readById, readById, readById, list, readById, readById, readById, setBalance, readById, readById];

/** Every operation that is measured against the bare server, in the order in which it is: reads before writes. */
export const operations: readonly Operation[] = [
  { ...usual, id: "R1", title: "`GET /user_token/{id}/`", kinds: [readById] },
  { ...usual, id: "R2", title: "`GET /user/username/{username}/`", kinds: [readByUsername] },
  { ...usual, id: "L1", title: `list, \`limit=${page}\`, of one organization`, kinds: [list] },
  { ...usual, id: "L2-offset", title: `list at \`offset=${deepOffset}\``, kinds: [deepByOffset] },
  { ...usual, id: "L2-cursor", title: "list as deep by `cursor`", kinds: [deepByCursor] },
  { ...usual, id: "L3", title: "list of extra records with `device_info=true`", kinds: [listExtras] },
  { ...usual, id: "M1", title: "80 % R1, 10 % L1, 10 % W2", kinds: mix },
  { ...usual, id: "W2", title: "`PATCH user_time`, 16 writers", kinds: [setBalance] },
  { ...usual, id: "W2-4", title: "`PATCH user_time`, 4 writers", kinds: [setBalance], connections: 4 },
  { ...usual, id: "W2-1", title: "`PATCH user_time`, 1 writer", kinds: [setBalance], connections: 1 },
  { ...usual, id: "W1", title: "create an account without password", kinds: [create], isFresh: true },
  {
    id: "W3",
    title: `create ${rowsOfArray.toLocaleString("en")} accounts by one array`,
    kinds: [createMany],
    connections: 1,
    isFresh: true,
    amount: 16,
    // 200 took 30 ms of CPU, three ticks of the clock in /proc: the ratio then jumped by a third, and so did the check.
    bareAmount: 1_000,
    rows: rowsOfArray,
  },
];

/** The operation of an id of the table. */
export const operationOf = (id: string): Operation => {
  const found = operations.find((operation) => operation.id === id);
  if (!found) throw new Error(`There is no operation ${id}.`);
  return found;
};

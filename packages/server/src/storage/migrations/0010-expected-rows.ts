import type { Migration } from "./migration.ts";

const [many, most] = [1_000_000, 10_000_000];
const live = 10_000;

/**
 * How many rows tables that grow will have. Without it SQLite takes an index whose first columns are named for a good one, whatever they
 * are: in an installation of years it read all devices of a kind, or all sessions since a day, to find those of one user.
 *
 * Of an index: its rows, and then how many of them have the same first column, the same first two, and so on. Only their proportions
 * matter: one name space holds nearly everything, an organization a fiftieth, a user a few.
 */
const expected: Readonly<Record<string, Readonly<Record<string, readonly number[]>>>> = {
  user_extra: {
    user_extra__key: [many, many, 1],
    user_extra__id: [many, 1],
    user_extra__parent: [many, many, 1],
    user_extra__organization_id: [many, many, 20_000, 1],
    user_extra__event: [many, many, 1_000, 1],
    user_extra__updated_at: [many, many, 2, 1],
  },
  device: {
    device__key: [many, many, 1],
    device__id: [many, 1],
    device__user_id: [many, many, 2],
    device__identifier: [many, many, 200_000, 1],
    device__by_kind: [many, many, 200_000, 1],
    device__organization_id: [many, many, 20_000, 1],
    device__last_change: [many, many, 2, 1],
  },
  device_move: {
    device_move__key: [many, many, 1],
    device_move__device: [many, many, 5, 1],
    device_move__user_id: [many, many, 5],
  },
  time_ledger: {
    time_ledger__key: [most, most, 1],
    time_ledger__growing: [live, live, 1],
    time_ledger__user: [most, most, 50, 1],
  },
  session: {
    session__key: [most, most, 1],
    session__id: [most, 1],
    session__user_id: [most, most, 50, 1],
    session__client: [most, most, 100_000, 1],
    session__client_session: [most, 100_000, 2, 1],
    session__organization_id: [most, most, 200_000, 1],
    session__start_at: [most, most, 2, 1],
    session__live: [live, 1],
    session__live_user: [live, live, 2],
    session__live_client: [live, 100, 1],
    session__open: [live, live, 100, 1],
  },
  session_event: {
    session_event__key: [most, most, 1],
    session_event__session: [most, most, 3, 1],
  },
  session_request: {
    session_request__key: [many, many, 1],
    session_request__session: [many, many, 2],
    session_request__due: [live, 1],
    session_request__waiting: [live, live, 1, 1],
    session_request__finished: [many, 1],
  },
  access_decision: {
    access_decision__key: [most, most, 1],
    access_decision__id: [most, 1],
    access_decision__user: [most, most, 50, 1],
    access_decision__client: [most, most, 100_000, 1],
    access_decision__organization_id: [most, most, 200_000, 1],
    access_decision__refused: [300_000, 300_000, 1],
    access_decision__created_at: [most, most, 2, 1],
  },
};

export const migration: Migration = {
  name: "0010-expected-rows",
  async up({ expectRows }) {
    for (const [table, indexes] of Object.entries(expected)) await expectRows(table, indexes);
  },
};

import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { allOperations, basePath } from "@gatehouse-aaa/contract";
import { openWorld, type World } from "../support/world.ts";
import { type Door, doorsIn } from "./doors.ts";

/** Every door that opens without a token. Whatever is added here is open to the world. */
const unauthenticated = [
  "GET /",
  "GET /api/v1/openapi.json",
  "GET /healthz",
  "GET /readyz",
  "GET /swagger",
  "GET /swagger*",
  "GET /swagger/json",
  "GET /swagger/static/index.html",
  "GET /swagger/static/swagger-initializer.js",
  "GET /swagger/yaml",
];

describe("the doors of the server", () => {
  let world: World;
  let doors: Door[];
  before(async () => {
    world = await openWorld("sqlite");
    await world.app.http.ready();
    doors = doorsIn(world.app.http.printRoutes({ commonPrefix: false }));
  });
  after(() => world.close());

  it("open without a token exactly where the list says", async () => {
    const open = new Set<string>();
    for (const { method, path } of doors.filter((door) => door.method !== "HEAD" && door.method !== "OPTIONS")) {
      const answer = await world.app.http.inject({ method: method as "GET", url: path.replaceAll(/:\w+/g, "1").replace("*", "/x") });
      if (answer.statusCode !== 401) open.add(`${method} ${path}`);
    }
    assert.deepEqual([...open].sort(), unauthenticated);
  });

  it("are the operations of the contract, each at its path", () => {
    const present = new Set(doors.map(({ method, path }) => `${method} ${path}`));
    for (const op of allOperations) {
      const path = `${basePath}${op.path.replaceAll(/\{(\w+)\}/g, ":$1").replace(/\/$/, "")}`;
      assert.ok(present.has(`${op.method} ${path}`), `${op.operationId} has no route`);
    }
  });
});

it("the list of doors reads a tree of routes", () => {
  const tree = [
    "├── /healthz (GET, HEAD)",
    "└── /api/user (GET, POST)",
    "    ├── /:id (GET)",
    "    │   └── /top_up (POST)",
    "    └── _token (PUT)",
    "",
  ].join("\n");
  assert.deepEqual(
    doorsIn(tree).map(({ method, path }) => `${method} ${path}`),
    [
      "GET /healthz",
      "HEAD /healthz",
      "GET /api/user",
      "POST /api/user",
      "GET /api/user/:id",
      "POST /api/user/:id/top_up",
      "PUT /api/user_token",
    ],
  );
});

import swagger from "@fastify/swagger";
import swaggerUi from "@fastify/swagger-ui";
import { basePath, buildOpenApi } from "@gatehouse-aaa/contract";
import type { FastifyInstance, FastifyRequest } from "fastify";
import { Faults } from "../kernel/errors.ts";
import { productVersion } from "./product-version.ts";
import { apiBase } from "./public-address.ts";

/** The OpenAPI document, and Swagger UI over it with a link to each operation. */
export const registerSwagger = (server: FastifyInstance, publicUrl: string | undefined): void => {
  const document = buildOpenApi(productVersion);
  const text = JSON.stringify(document);
  /** The document with the address at which its reader finds the API, behind whatever proxy. */
  const servedTo = (request: FastifyRequest) => ({
    ...document,
    servers: [{ url: apiBase(request, publicUrl), description: "This server." }],
  });
  server.get(`${basePath}/openapi.json`, async (request, reply) => {
    refuseUnknownQuery(request.query as Record<string, unknown>);
    return reply.type("application/json").send(apiBase(request, publicUrl) === basePath ? text : JSON.stringify(servedTo(request)));
  });
  // The address that the start prints leads to a page for people. The redirect is relative, because a proxy may add a path before it.
  server.get("/", async (_request, reply) => reply.redirect("swagger/"));
  server.register(swagger, { mode: "static", specification: { document: document as never } });
  server.register(async (pages) => {
    // The pages are small, and what serves them fails at an invalid range: the range is left out, as RFC 9110 §14.2 permits.
    pages.addHook("onRequest", (request, _reply, done) => {
      delete request.raw.headers.range;
      done();
    });
    await pages.register(swaggerUi, {
      routePrefix: "/swagger",
      uiConfig: { deepLinking: true, docExpansion: "list", persistAuthorization: false, displayRequestDuration: true, tagsSorter: "alpha" },
      theme: { title: "Gatehouse API" },
      transformSpecificationClone: false,
      transformSpecification: (_document, request) => servedTo(request),
    });
  });
};

const refuseUnknownQuery = (query: Readonly<Record<string, unknown>>): void => {
  const faults = new Faults();
  for (const [name, value] of Object.entries(query)) {
    if (name !== "format" || value !== "json") faults.add(name, "There is no such query parameter here.");
  }
  faults.throwIfAny();
};

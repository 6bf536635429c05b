import { DomainError } from "../kernel/errors.ts";
import { largestBody, largestRows } from "./json-scan.ts";

/** The refusal behind an error: a DomainError itself, what the layers below mean, or one of the framework's own. */
export const toDomainError = (error: unknown, translate: (error: unknown) => DomainError | undefined): DomainError | undefined => {
  if (error instanceof DomainError) return error;
  return translate(error) ?? fromFramework(error);
};

const fromFramework = (error: unknown): DomainError | undefined => {
  const code = typeof error === "object" && error !== null && "code" in error ? String(error.code) : "";
  switch (code) {
    case "FST_ERR_CTP_BODY_TOO_LARGE":
      return new DomainError(
        "body.too_large",
        `The body is larger than this operation takes (${largestBody} bytes, arrays of rows ${largestRows}).`,
      );
    case "FST_ERR_CTP_INVALID_MEDIA_TYPE":
      return new DomainError("body.unsupported_type", "Send the body as application/json.");
    case "FST_ERR_CTP_INVALID_CONTENT_LENGTH":
      return new DomainError("request.malformed", "The body's length is not what Content-Length says.");
    case "FST_ERR_CTP_EMPTY_JSON_BODY":
      return new DomainError("request.malformed", "A JSON body is required.");
    case "FST_ERR_BAD_URL":
      return new DomainError("request.malformed", "The path is not valid percent-encoding.");
    case "FST_ERR_ASYNC_CONSTRAINT":
    case "FST_ERR_MAX_PARAM_LENGTH":
    case "FST_STATIC_FORBIDDEN_PATH":
      return new DomainError("path.not_found", "There is nothing at this path.");
    default:
      if (isFailedPrecondition(error)) return new DomainError("record.version_mismatch", "The file is not the one that the request names.");
      return isRefusal(error) ? new DomainError("request.malformed", "The request cannot be read.") : undefined;
  }
};

/** A fault of the client's by the word of the framework or of one of its plugins. */
const isRefusal = (error: unknown): boolean => {
  if (!(error instanceof Error) || !("statusCode" in error) || !("code" in error)) return false;
  return String(error.code).startsWith("FST_") && Number(error.statusCode) >= 400 && Number(error.statusCode) < 500;
};

/** Of what serves files. */
const isFailedPrecondition = (error: unknown): boolean =>
  error instanceof Error && "statusCode" in error && error.statusCode === 412 && error.name === "PreconditionFailedError";

// The schemas of the forms for faults and stubs, and what a new one begins with.

/** What can go wrong, each with a fault to begin with. */
export const FAULT_KINDS = [
  { label: "An error", value: { operation: "*", status: 500 } },
  { label: "A delay", value: { operation: "*", delay: 2000 } },
  { label: "A broken connection", value: { operation: "*", connection: "reset" } },
  { label: "A slow body", value: { operation: "*", bytesPerSecond: 100 } },
  { label: "A wrong answer", value: { operation: "*", break: "missing" } },
];

const MANY = 400;

/** The schema of a fault, from the control API's document, with the names of what is served to choose from. */
export function faultSchema(document, apis) {
  const { schemas } = document.components;
  const operations = schemas.OperationName.enum ?? [];
  const { properties } = schemas.Fault;
  return {
    ...schemas.Fault,
    description: undefined,
    properties: {
      ...properties,
      operation: operations.length && operations.length <= MANY
        ? { enum: ["*", ...operations], description: "Every operation, or one. Its method and path do as well: edit it as JSON." } : properties.operation,
      api: { enum: apis.map((api) => api.name) },
    },
  };
}

/** The schema of the next answer of an operation, with the names of what is served to choose from. */
export function answerSchema(document, apis) {
  const { schemas } = document.components;
  const { properties } = schemas.NextAnswer;
  const operations = schemas.OperationName.enum ?? [];
  return {
    ...schemas.NextAnswer,
    description: undefined,
    properties: {
      ...properties,
      operation: operations.length && operations.length <= MANY ? { enum: operations, description: "Which one. Its method and path do as well." } : properties.operation,
      body: { description: "The body, in the place of what the document shows." },
      api: { enum: apis.map((api) => api.name), description: "Where several APIs have an operation of this name." },
    },
  };
}

/** What the next answer of an operation begins with. */
export function newAnswer(document) {
  return { operation: document.components.schemas.OperationName.enum?.[0] ?? "", status: 404 };
}

const NAMED = { type: "object", description: "Matchers by name, such as {\"limit\": {\"equalTo\": \"2\"}}." };

/** The schema of the form of a stub, in WireMock's words. */
export const MAPPING = {
  type: "object",
  required: ["request", "response"],
  properties: {
    name: { type: "string" },
    request: {
      type: "object",
      properties: {
        method: { enum: ["ANY", "GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"] },
        urlPath: { type: "string", description: "The path, as the client writes it." },
        url: { type: "string", description: "Path and query." },
        urlPathTemplate: { type: "string", description: "Such as /pets/{petId}." },
        urlPathPattern: { type: "string", description: "A regular expression for the path." },
        urlPattern: { type: "string", description: "A regular expression for path and query." },
        queryParameters: NAMED, headers: NAMED, cookies: NAMED, pathParameters: NAMED,
        bodyPatterns: { type: "array", description: "Such as [{\"equalToJson\": {\"a\": 1}}].", items: { type: "object" } },
      },
    },
    response: {
      type: "object",
      properties: {
        status: { type: "integer", default: 200 },
        jsonBody: { description: "The body as JSON." },
        body: { type: "string", description: "The body as text, in the place of JSON." },
        headers: { type: "object", description: "Such as {\"Retry-After\": \"30\"}." },
        fixedDelayMilliseconds: { type: "integer" },
        fault: { enum: ["CONNECTION_RESET_BY_PEER", "EMPTY_RESPONSE", "MALFORMED_RESPONSE_CHUNK", "RANDOM_DATA_THEN_CLOSE"] },
      },
    },
    priority: { type: "integer", default: 5, description: "The lowest answers." },
    times: { type: "integer", description: "How many requests it answers; 0 is all of them." },
    check: { type: "boolean", description: "Whether the answer is held against the document." },
    persistent: { type: "boolean", description: "Whether it survives a reset of the stubs." },
    scenarioName: { type: "string" }, requiredScenarioState: { type: "string" }, newScenarioState: { type: "string" },
  },
};

/** What a stub begins with. */
export function newStub() {
  return { request: { method: "GET", urlPath: "/hello" }, response: { status: 200, jsonBody: { hello: "world" } } };
}

// A world of its own for each test on one running mock, and the control API of that world.

const ROOT = process.env.MOCKSERVER_URL ?? "http://127.0.0.1:4010";
const TOKEN = process.env.MOCKSERVER_ADMIN_TOKEN;

/** A new world at `root`: nothing that is done in it is seen by another test. */
export function newWorld(root = ROOT) {
  const url = `${root}/~test-${crypto.randomUUID()}`;

  async function control(method, path, body) {
    const headers = { "Content-Type": "application/json", ...(TOKEN && { Authorization: `Bearer ${TOKEN}` }) };
    const answer = await fetch(`${url}/__admin${path}`, {
      method,
      headers,
      body: body === undefined ? undefined : JSON.stringify(body),
    });
    const text = await answer.text();
    if (!answer.ok) throw new Error(`${method} /__admin${path}: ${answer.status} ${text}`);
    return text ? JSON.parse(text) : undefined;
  }

  return {
    url,
    /** The next requests to an operation fail, in the API's own error body. */
    fail: (operation, fault) => control("POST", "/faults", { operation, ...fault }),
    /** How many requests meet these criteria. */
    count: async (criteria) => (await control("POST", "/requests/count", criteria)).count,
    /** Time goes on in this world alone. */
    advance: (seconds) => control("POST", "/clock/advance", { seconds }),
  };
}

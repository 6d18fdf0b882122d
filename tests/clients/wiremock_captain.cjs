// The examples of the npm packages `wiremock-captain` and `wiremock-rest-client` against the mock at argv[2].
const { WireMock, WireMockAPI } = require('wiremock-captain');
const { WireMockRestClient } = require('wiremock-rest-client');

const root = process.argv[2];

async function captain() {
  const seen = {};
  const mock = new WireMock(root);
  const request = { method: 'POST', endpoint: '/test-endpoint', body: { hello: 'world' } };
  const mapping = await mock.register(request, { status: 200, body: { goodbye: 'world' } });
  seen.mapped = (await mock.getMapping(mapping.id)).id === mapping.id;
  seen.mappings = (await mock.getAllMappings()).length;
  const headers = { 'Content-Type': 'application/json' };
  const asked = await fetch(`${root}/test-endpoint`, { method: 'POST', headers, body: '{"hello": "world"}' });
  seen.answer = await asked.json();
  await fetch(`${root}/nowhere`);
  const [made] = await mock.getRequestsForAPI('POST', '/test-endpoint');
  seen.body = JSON.parse(made.request.body);
  seen.all = (await mock.getAllRequests()).length;
  seen.unmatched = (await mock.getUnmatchedRequests()).map((one) => one.url);
  seen.scenarios = await mock.getAllScenarios();
  await mock.resetAllScenarios();
  await mock.deleteMapping(mapping.id);

  const api = new WireMockAPI(root, '/hello', 'GET');
  await api.register({}, { status: 200, body: 'hi' }, { responseBodyType: 'body' });
  seen.hello = await (await fetch(`${root}/hello`)).text();
  seen.calls = (await api.getRequestsForAPI()).length;
  await mock.clearAllExceptDefault();
  await mock.clearAll();
  seen.left = (await mock.getAllRequests()).length;
  return seen;
}

async function restClient() {
  const seen = {};
  const wireMock = new WireMockRestClient(root, { continueOnFailure: true, logLevel: 'error' });
  await wireMock.mappings.resetAllMappings();
  const response = await wireMock.mappings.createMapping({
    request: { method: 'GET', urlPathPattern: '/api/helloworld' },
    response: { status: 200, jsonBody: { hello: 'world' }, headers: { 'Content-Type': 'application/json' } },
  });
  seen.answer = await (await fetch(`${root}/api/helloworld`)).json();
  seen.mapping = (await wireMock.mappings.getMapping(response.id)).id === response.id;
  const { requests } = await wireMock.requests.getAllRequests();
  seen.url = requests[0].request.url;
  seen.request = (await wireMock.requests.getRequest(String(requests[0].id))).request.url;
  seen.count = (await wireMock.requests.getCount({ method: 'GET', url: '/api/helloworld' })).count;
  seen.found = (await wireMock.requests.findRequests({ urlPathPattern: '/api/.*' })).requests.length;
  seen.unmatched = (await wireMock.requests.getUnmatchedRequests()).requests.length;
  seen.misses = (await wireMock.requests.getUnmatchedNearMisses()).nearMisses.length;
  seen.removed = (await wireMock.requests.removeRequests({ method: 'GET' })).serveEvents.length;
  await wireMock.global.updateGlobalSettings({ fixedDelay: 5 });
  await wireMock.scenarios.resetAllScenarios();
  await wireMock.requests.resetAllRequests();
  await wireMock.mappings.deleteAllMappings();
  await wireMock.global.resetAll();
  return seen;
}

(async () => console.log(JSON.stringify({ captain: await captain(), restClient: await restClient() })))();

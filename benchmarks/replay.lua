-- Sends a method and, in turn, the bodies that stand in the files named after it; tells the outcome as one line of JSON.

local requests, turn = {}, 0

function init(args)
  local method = args[1]
  for number = 2, #args do
    local file = assert(io.open(args[number], "rb"))
    requests[#requests + 1] = wrk.format(method, nil, nil, file:read("*a"))
    file:close()
  end
  if #requests == 0 then
    requests[1] = wrk.format(method)
  end
end

function request()
  turn = turn % #requests + 1
  return requests[turn]
end

function done(summary, latency)
  local errors = summary.errors
  local failures = errors.connect + errors.read + errors.write + errors.status + errors.timeout
  io.write(string.format(
    'RESULT {"requests": %d, "microseconds": %d, "p50": %d, "p99": %d, "worst": %d, "failures": %d}\n',
    summary.requests, summary.duration, latency:percentile(50), latency:percentile(99), latency.max, failures))
end

-- The mixed traffic of benchmarks/load.py: each line of the file is a request and how often it comes.
-- weight, method, path, cookies, token against forgery, body; TOKEN in a body is another each time.
local asked = {}

function init(arguments)
  math.randomseed(tonumber(arguments[2]) or 1)
  for line in io.lines(arguments[1]) do
    local weight, method, path, cookies, token, body = line:match("^(.-)\t(.-)\t(.-)\t(.-)\t(.-)\t(.*)$")
    local headers = { ["Cookie"] = cookies }
    if method == "POST" then
      headers["X-CSRFToken"] = token
      headers["Content-Type"] = "application/x-www-form-urlencoded"
    end
    for _ = 1, tonumber(weight) do
      asked[#asked + 1] = { method, path, headers, body }
    end
  end
end

local function uuid()
  return (("xxxxxxxx-xxxx-4xxx-8xxx-xxxxxxxxxxxx"):gsub("x", function() return ("%x"):format(math.random(0, 15)) end))
end

function request()
  local one = asked[math.random(#asked)]
  local body = one[4] ~= "" and one[4]:gsub("TOKEN", uuid) or nil
  return wrk.format(one[1], one[2], one[3], body)
end

function done(summary, latency, requests)
  local errors = summary.errors
  io.write(("LOAD {\"requests\": %d, \"seconds\": %.1f, \"connect\": %d, \"read\": %d, \"write\": %d, \"timeout\": %d, \"status\": %d, \"p50\": %.1f, \"p90\": %.1f, \"p99\": %.1f, \"most\": %.1f}\n"):format(
    summary.requests, summary.duration / 1e6, errors.connect, errors.read, errors.write, errors.timeout, errors.status,
    latency:percentile(50) / 1e3, latency:percentile(90) / 1e3, latency:percentile(99) / 1e3, latency.max / 1e3))
end

-- For `wrk -t 1 -c <connections> -s wrk.lua URL -- <file> <count> <connections>`: hands out the requests of the file once each.
-- In the file each request stands after its length in 8 digits. Prints "answered" when the last answer is there, and after
-- SIGINT one line of JSON.

local ffi = require("ffi")
ffi.cdef("typedef struct { long s, ns; } moment; int clock_gettime(int, moment *);")

local MONOTONIC = 1
local moment = ffi.new("moment")
local function now()
  ffi.C.clock_gettime(MONOTONIC, moment)
  return tonumber(moment.s) + tonumber(moment.ns) / 1e9
end

local worker
function setup(thread)
  worker = thread
end

local file, count, connections
local handed, idle = 0, 0
local first
began, ended = 0, 0

local function read()
  return file:read(tonumber(file:read(8)))
end

function init(args)
  file = assert(io.open(args[1], "rb"))
  count, connections = tonumber(args[2]), tonumber(args[3])
end

function request()
  if first == nil then
    -- wrk itself looks at one before it begins.
    first = read()
    return first
  end
  if handed == 0 then began = now() end
  if handed < count then
    handed = handed + 1
    return handed == 1 and first or read()
  end
  -- Each connection asks once more when it has its last answer. Having sent nothing, it waits for ever.
  idle = idle + 1
  if idle == connections then
    ended = now()
    io.write("answered\n")
    io.flush()
  end
  return ""
end

function done(summary, latency)
  local errors = summary.errors
  io.write(string.format(
    '{"answered":%d,"refused":%d,"failed":%d,"seconds":%.6f,"p50":%.3f,"p99":%.3f,"max":%.3f}\n',
    summary.requests,
    errors.status,
    errors.connect + errors.read + errors.write + errors.timeout,
    worker:get("ended") - worker:get("began"),
    latency:percentile(50) / 1000,
    latency:percentile(99) / 1000,
    latency.max / 1000
  ))
end

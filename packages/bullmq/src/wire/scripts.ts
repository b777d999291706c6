import { Script } from './script.ts';

// Times are Redis's own, in milliseconds: the clocks of the machines need not agree.
const NOW = `local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
`;

/**
 * The run becomes the one that goes on with an origin: results of any other are refused from now on.
 * Keys: owner, runs. Arguments: run, milliseconds to keep. Returns the run before it, or nil.
 */
export const takeOver: Script = new Script(`
local before = redis.call('GET', KEYS[1])
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
if before and before ~= ARGV[1] then
  redis.call('ZREM', KEYS[2], before)
  return before
end
return nil
`);

/**
 * The coordinator's sign of life. Keys: owner, runs, description, inbox, definition. Arguments: run, milliseconds
 * that it lasts, milliseconds to keep. Returns `alive`; `lost` when Redis has lost its data; `taken`
 * when another run has taken over.
 */
export const signOfLife: Script = new Script(`${NOW}
local owner = redis.call('GET', KEYS[1])
if not owner then return 'lost' end
if owner ~= ARGV[1] then return 'taken' end
redis.call('PEXPIRE', KEYS[1], ARGV[3])
redis.call('PEXPIRE', KEYS[4], ARGV[3])
redis.call('PEXPIRE', KEYS[5], ARGV[3])
if redis.call('PEXPIRE', KEYS[3], ARGV[3]) == 0 then return 'lost' end
redis.call('ZADD', KEYS[2], now + ARGV[2], ARGV[1])
return 'alive'
`);

/**
 * A worker's sign of life. Keys: workers, runs. Arguments: the worker, milliseconds that it lasts.
 * Returns each run followed by 1 when its coordinator is alive, else 0; oldest sign of life first.
 */
export const attend: Script = new Script(`${NOW}
redis.call('ZADD', KEYS[1], now + ARGV[2], ARGV[1])
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', now)
local found = redis.call('ZRANGE', KEYS[2], 0, -1, 'WITHSCORES')
local answer = {}
for i = 1, #found, 2 do
  answer[#answer + 1] = found[i]
  answer[#answer + 1] = tonumber(found[i + 1]) > now and 1 or 0
end
return answer
`);

/** Ids of the workers that attend the queue. Keys: workers. */
export const aliveWorkers: Script = new Script(`${NOW}
return redis.call('ZRANGEBYSCORE', KEYS[1], now, '+inf')
`);

/** The runs whose coordinators have been dead for long. Keys: runs. Arguments: milliseconds. */
export const longDead: Script = new Script(`${NOW}
return redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', now - ARGV[1])
`);

/**
 * Tells results of a job's cells, unless the job was given to another worker or the run to another
 * coordinator meanwhile. Keys: lock, job, owner, inbox. Arguments: token, run, milliseconds to keep,
 * id of the job, the results, then the index of each cell that is told of. Returns 1 when they count.
 */
export const tell: Script = new Script(`
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
if redis.call('GET', KEYS[3]) ~= ARGV[2] then return 0 end
if redis.call('EXISTS', KEYS[2]) == 0 then return 0 end
redis.call('XADD', KEYS[4], '*', 'kind', 'results', 'job', ARGV[4], 'data', ARGV[5])
redis.call('PEXPIRE', KEYS[4], ARGV[3])
for i = 6, #ARGV do redis.call('HSET', KEYS[2], 'told:' .. ARGV[i], 1) end
return 1
`);

/**
 * Whether a worker still has its job, and the run its coordinator. Keys: lock, owner. Arguments: token, run.
 * Returns 1 or 0.
 */
export const isCurrent: Script = new Script(`
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
if redis.call('GET', KEYS[2]) ~= ARGV[2] then return 0 end
return 1
`);

/**
 * Sends live events, unless the run has ended. Keys: events, description. Arguments: entries to hold,
 * milliseconds to keep, the events.
 */
export const sendLive: Script = new Script(`
if redis.call('EXISTS', KEYS[2]) == 0 then return 0 end
redis.call('XADD', KEYS[1], 'MAXLEN', '~', ARGV[1], '*', 'data', ARGV[3])
redis.call('PEXPIRE', KEYS[1], ARGV[2])
return 1
`);

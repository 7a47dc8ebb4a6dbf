import type { Script } from './script.ts';

/**
 * What a consumer does for its jobs, for as many as there are in one call: acknowledges those that are done and takes
 * others. Written for the layout of BullMQ 6.7 (`wait` and `prioritized` as `addJobs` fills them; `active`, a list; a lock
 * beside each job that is taken; `stalled`, the jobs whose lock is to be looked for), so that BullMQ finds what a dead
 * consumer has left. BullMQ's own scripts do one job a call, look for delays, rate limits, parents and pauses that a lane
 * does not have, and append events that nobody reads.
 *
 * A job is acknowledged by who holds its lock, and by its last holder while nobody has been given it since.
 *
 * KEYS  1 wait  2 prioritized  3 priority counter  4 active  5 stalled  6 marker
 * ARGV  1 what a job's key starts with  2 lock token  3 time that a lock lasts, in ms  4 most jobs to take
 *       5… ids of jobs that are done
 * Returns for each job taken: id, body (JSON), deliveries so far, why it is not to be delivered again (empty: it is).
 */
export const exchangeJobs: Script = {
  name: 'isothermExchangeJobs',
  keyCount: 6,
  lua: `
    local base, token, wanted = ARGV[1], ARGV[2], tonumber(ARGV[4])
    local gone, keys = {}, {}
    for at = 5, #ARGV do
      local job = base .. ARGV[at]
      local holder = redis.call('GET', job .. ':lock')
      if (not holder or holder == token) and redis.call('LREM', KEYS[4], -1, ARGV[at]) == 1 then
        gone[#gone + 1] = ARGV[at]
        keys[#keys + 1] = job
        keys[#keys + 1] = job .. ':lock'
      end
    end
    if #gone > 0 then
      redis.call('DEL', unpack(keys))
      redis.call('SREM', KEYS[5], unpack(gone))
    end

    local ids = wanted > 0 and redis.call('RPOP', KEYS[1], wanted) or {}
    if #ids < wanted then
      local scored = redis.call('ZPOPMIN', KEYS[2], wanted - #ids)
      for at = 1, #scored, 2 do ids[#ids + 1] = scored[at] end
      if #ids < wanted then redis.call('DEL', KEYS[3]) end
    end
    if #ids > 0 then redis.call('LPUSH', KEYS[4], unpack(ids)) end
    -- Others may have room for what is left.
    if #ids == wanted and redis.call('LLEN', KEYS[1]) + redis.call('ZCARD', KEYS[2]) > 0 then
      redis.call('ZADD', KEYS[6], 0, '0')
    end

    local taken = {}
    for _, id in ipairs(ids) do
      local job = base .. id
      local found = redis.call('HMGET', job, 'data', 'defa')
      if found[1] then
        redis.call('SET', job .. ':lock', token, 'PX', ARGV[3])
        taken[#taken + 1] = id
        taken[#taken + 1] = found[1]
        taken[#taken + 1] = redis.call('HINCRBY', job, 'ats', 1)
        taken[#taken + 1] = found[2] or ''
      else
        redis.call('LREM', KEYS[4], 1, id)
      end
    end
    return taken
  `,
};

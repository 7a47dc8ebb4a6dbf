import type { Script } from './script.ts';

/**
 * Functions that several scripts share. Keys of one batch come from its base `BASE`: `BASE` (a hash of its facts),
 * `BASE:requests` and `BASE:results` (hashes by item), `BASE:pending` (items without a result, by place). Of all: an
 * index (ids by the time when they are to be forgotten), their bytes, and the ids of those that run.
 */
const shared = `
  local function finish(base, index, bytes, active, id, state, now)
    local kept, held = unpack(redis.call('HMGET', base, 'keptMs', 'resultBytes'))
    local untilMs = now + tonumber(kept)
    redis.call('HSET', base, 'state', state, 'endedMs', now, 'keptUntilMs', untilMs)
    redis.call('DEL', base .. ':requests', base .. ':pending')
    redis.call('PEXPIREAT', base, untilMs)
    redis.call('PEXPIREAT', base .. ':results', untilMs)
    redis.call('ZADD', index, untilMs, id)
    redis.call('HSET', bytes, id, held)
    redis.call('SREM', active, id)
  end
`;

/**
 * Makes a batch of requests that were written beside it. Returns submitted, known, different, or the
 * bound that it does not fit into: owner_batches, owner_bytes, batches or bytes.
 *
 * KEYS  1 base  2 upload  3 index  4 bytes  5 active
 * ARGV  1 id  2 now in ms  3 most batches  4 most bytes  5 bytes  6 digest  7 deadline in ms  8 kept ms  9 items
 *       10 owner  11 most batches of an owner  12 most bytes of an owner
 */
export const submitBatch: Script = {
  name: 'isothermSubmitBatch',
  keyCount: 5,
  lua: `
    local known = redis.call('HGET', KEYS[1], 'digest')
    if known then
      redis.call('DEL', KEYS[2])
      return known == ARGV[6] and 'known' or 'different'
    end
    for _, gone in ipairs(redis.call('ZRANGEBYSCORE', KEYS[3], '-inf', ARGV[2])) do
      redis.call('ZREM', KEYS[3], gone)
      redis.call('HDEL', KEYS[4], gone)
      redis.call('SREM', KEYS[5], gone)
    end
    local held = tonumber(ARGV[5])
    local owned, ownedBytes = 0, held
    local sizes = redis.call('HGETALL', KEYS[4])
    for at = 1, #sizes, 2 do
      local size = tonumber(sizes[at + 1])
      held = held + size
      if (string.match(sizes[at], '^(.*)/') or '') == ARGV[10] then
        owned = owned + 1
        ownedBytes = ownedBytes + size
      end
    end
    local full = owned >= tonumber(ARGV[11]) and 'owner_batches'
      or ownedBytes > tonumber(ARGV[12]) and 'owner_bytes'
      or redis.call('ZCARD', KEYS[3]) >= tonumber(ARGV[3]) and 'batches'
      or held > tonumber(ARGV[4]) and 'bytes'
    if full then
      redis.call('DEL', KEYS[2])
      return full
    end
    local untilMs = tonumber(ARGV[7]) + tonumber(ARGV[8])
    redis.call('RENAME', KEYS[2], KEYS[1] .. ':requests')
    redis.call('HSET', KEYS[1], 'state', 'running', 'items', ARGV[9], 'answered', 0, 'failed', 0,
      'createdMs', ARGV[2], 'endedMs', 0, 'deadlineMs', ARGV[7], 'keptMs', ARGV[8],
      'keptUntilMs', untilMs, 'digest', ARGV[6], 'resultBytes', 0)
    for item = 0, tonumber(ARGV[9]) - 1 do redis.call('ZADD', KEYS[1] .. ':pending', item, item) end
    redis.call('PEXPIREAT', KEYS[1], untilMs)
    redis.call('PEXPIREAT', KEYS[1] .. ':requests', untilMs)
    redis.call('PEXPIREAT', KEYS[1] .. ':pending', untilMs)
    redis.call('ZADD', KEYS[3], untilMs, ARGV[1])
    redis.call('HSET', KEYS[4], ARGV[1], ARGV[5])
    redis.call('SADD', KEYS[5], ARGV[1])
    return 'submitted'
  `,
};

/**
 * Keeps a result. Returns the item that comes into the window of those that may run, if there is one.
 *
 * KEYS  1 base  2 index  3 bytes  4 active
 * ARGV  1 id  2 item  3 answered or failed  4 result  5 now in ms  6 window
 */
export const recordResult: Script = {
  name: 'isothermRecordResult',
  keyCount: 4,
  lua: `
    ${shared}
    if redis.call('HGET', KEYS[1], 'state') ~= 'running' then return {} end
    local pending = KEYS[1] .. ':pending'
    if redis.call('ZREM', pending, ARGV[2]) == 0 then return {} end
    redis.call('HSET', KEYS[1] .. ':results', ARGV[2], ARGV[4])
    redis.call('PEXPIREAT', KEYS[1] .. ':results', redis.call('HGET', KEYS[1], 'keptUntilMs'))
    redis.call('HDEL', KEYS[1] .. ':requests', ARGV[2])
    redis.call('HINCRBY', KEYS[1], ARGV[3], 1)
    redis.call('HINCRBY', KEYS[1], 'resultBytes', #ARGV[4])
    if redis.call('ZCARD', pending) == 0 then
      finish(KEYS[1], KEYS[2], KEYS[3], KEYS[4], ARGV[1], 'completed', tonumber(ARGV[5]))
      return {}
    end
    return redis.call('ZRANGE', pending, tonumber(ARGV[6]) - 1, tonumber(ARGV[6]) - 1)
  `,
};

/**
 * Ends a batch if it runs.
 *
 * KEYS  1 base  2 index  3 bytes  4 active; ARGV  1 id  2 now in ms  3 state
 */
export const endBatch: Script = {
  name: 'isothermEndBatch',
  keyCount: 4,
  lua: `
    ${shared}
    if redis.call('HGET', KEYS[1], 'state') ~= 'running' then return 0 end
    finish(KEYS[1], KEYS[2], KEYS[3], KEYS[4], ARGV[1], ARGV[3], tonumber(ARGV[2]))
    return 1
  `,
};

/**
 * For each batch that runs: its id, its deadline and its first pending items.
 *
 * KEYS  1 active; ARGV  1 what a base begins with  2 window
 */
export const listRunning: Script = {
  name: 'isothermListRunning',
  keyCount: 1,
  lua: `
    local all = {}
    for _, id in ipairs(redis.call('SMEMBERS', KEYS[1])) do
      local deadline = redis.call('HGET', ARGV[1] .. id, 'deadlineMs')
      if deadline then
        local items = redis.call('ZRANGE', ARGV[1] .. id .. ':pending', 0, tonumber(ARGV[2]) - 1)
        all[#all + 1] = { id, deadline, items }
      else
        redis.call('SREM', KEYS[1], id)
      end
    end
    return all
  `,
};

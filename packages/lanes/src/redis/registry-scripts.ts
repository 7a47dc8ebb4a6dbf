import type { Script } from './script.ts';

/**
 * Writes a whole record with its expiry and tells the watchers if it is new or different. One
 * script serves announcement, update and heartbeat, so an entry that Redis has lost is back with
 * the next heartbeat.
 *
 * KEYS  1 entry  2 index  3 channel
 * ARGV  1 id  2 record (JSON)  3 expiry in ms
 */
export const enterRegistry: Script = {
  name: 'isothermEnterRegistry',
  keyCount: 3,
  lua: `
    local before = redis.call('GET', KEYS[1])
    redis.call('SET', KEYS[1], ARGV[2], 'PX', ARGV[3])
    if before ~= ARGV[2] then
      redis.call('SADD', KEYS[2], ARGV[1])
      redis.call('PUBLISH', KEYS[3], ARGV[1])
    end
    return 1
  `,
};

/** KEYS  1 entry  2 index  3 channel; ARGV  1 id. */
export const leaveRegistry: Script = {
  name: 'isothermLeaveRegistry',
  keyCount: 3,
  lua: `
    redis.call('DEL', KEYS[1])
    redis.call('SREM', KEYS[2], ARGV[1])
    redis.call('PUBLISH', KEYS[3], ARGV[1])
    return 1
  `,
};

/**
 * Living records; ids whose entry has expired leave the index here.
 *
 * KEYS  1 index; ARGV  1 what an entry's key starts with
 */
export const listRegistry: Script = {
  name: 'isothermListRegistry',
  keyCount: 1,
  lua: `
    local living = {}
    for _, id in ipairs(redis.call('SMEMBERS', KEYS[1])) do
      local record = redis.call('GET', ARGV[1] .. id)
      if record then living[#living + 1] = record else redis.call('SREM', KEYS[1], id) end
    end
    return living
  `,
};

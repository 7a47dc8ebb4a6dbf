import type { Script } from './script.ts';

/**
 * Adds one job in one round trip: duplicate check, bound and insertion are atomic, so concurrent
 * adders never exceed the bound. Written for the layout of BullMQ 6.7 (a hash a job; `wait`, a
 * list that is popped at its right end; `prioritized`, a set ordered by priority, then arrival;
 * `marker`, which wakes a blocked worker). BullMQ's own script cannot say whether a job is new,
 * knows no bound and appends events that nobody reads.
 *
 * Urgent jobs (priority 0) go to `wait`, which BullMQ empties first; both structures are
 * first in, first out among equal priorities.
 *
 * KEYS  1 job  2 wait  3 prioritized  4 priority counter  5 marker
 * ARGV  1 job id  2 body (JSON)  3 priority  4 time in ms  5 most jobs waiting
 * Returns 1 added, 0 duplicate, -1 full.
 */
export const addJob: Script = {
  name: 'isothermAddJob',
  keyCount: 5,
  lua: `
    if redis.call('EXISTS', KEYS[1]) == 1 then return 0 end
    local waiting = redis.call('LLEN', KEYS[2]) + redis.call('ZCARD', KEYS[3])
    if waiting >= tonumber(ARGV[5]) then return -1 end
    redis.call('HSET', KEYS[1], 'name', 'command', 'data', ARGV[2], 'opts', '{}',
      'timestamp', ARGV[4], 'delay', 0, 'priority', ARGV[3])
    local priority = tonumber(ARGV[3])
    if priority == 0 then
      redis.call('LPUSH', KEYS[2], ARGV[1])
    else
      local arrival = redis.call('INCR', KEYS[4]) % 0x100000000
      redis.call('ZADD', KEYS[3], priority * 0x100000000 + arrival, ARGV[1])
    end
    redis.call('ZADD', KEYS[5], 0, '0')
    return 1
  `,
};

/**
 * Removes a job that waits.
 *
 * KEYS  1 job  2 wait  3 prioritized
 * ARGV  1 job id
 * Returns 1 removed, 0 not waiting.
 */
export const removeJob: Script = {
  name: 'isothermRemoveJob',
  keyCount: 3,
  lua: `
    local removed = redis.call('LREM', KEYS[2], 1, ARGV[1])
    if removed == 0 then removed = redis.call('ZREM', KEYS[3], ARGV[1]) end
    if removed == 1 then redis.call('DEL', KEYS[1]) end
    return removed
  `,
};

/** KEYS  1 job. Returns 1 if it waits or runs, else 0. */
export const holdsJob: Script = {
  name: 'isothermHoldsJob',
  keyCount: 1,
  lua: `return redis.call('EXISTS', KEYS[1])`,
};

/** KEYS  1 wait  2 prioritized. Returns how many jobs wait. */
export const countWaiting: Script = {
  name: 'isothermCountWaiting',
  keyCount: 2,
  lua: `return redis.call('LLEN', KEYS[1]) + redis.call('ZCARD', KEYS[2])`,
};

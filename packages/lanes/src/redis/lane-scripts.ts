import type { Script } from './script.ts';

/**
 * Adds jobs in one round trip: duplicate check, bound and insertion of each are atomic, so concurrent
 * adders never exceed the bound. Written for the layout of BullMQ 6.7 (a hash a job; `wait`, a
 * list that is popped at its right end; `prioritized`, a set ordered by priority, then arrival;
 * `marker`, which wakes a blocked worker). BullMQ's own script cannot say whether a job is new,
 * knows no bound, appends events that nobody reads and adds one job a call.
 *
 * Urgent jobs (priority 0) go to `wait`, which is emptied first; both structures are
 * first in, first out among equal priorities.
 *
 * KEYS  1 wait  2 prioritized  3 priority counter  4 marker
 * ARGV  1 what a job's key starts with  2 time in ms  3 most jobs waiting
 *       then of each job: id, body (JSON), priority
 * Returns for each job 1 added, 0 duplicate, -1 full.
 */
export const addJobs: Script = {
  name: 'isothermAddJobs',
  keyCount: 4,
  lua: `
    local free = tonumber(ARGV[3]) - redis.call('LLEN', KEYS[1]) - redis.call('ZCARD', KEYS[2])
    local outcomes, added = {}, false
    for at = 4, #ARGV, 3 do
      local id, body, priority = ARGV[at], ARGV[at + 1], tonumber(ARGV[at + 2])
      local job = ARGV[1] .. id
      local outcome = redis.call('EXISTS', job) == 1 and 0 or free <= 0 and -1 or 1
      if outcome == 1 then
        redis.call('HSET', job, 'name', 'command', 'data', body, 'opts', '{}',
          'timestamp', ARGV[2], 'delay', 0, 'priority', priority)
        if priority == 0 then
          redis.call('LPUSH', KEYS[1], id)
        else
          local arrival = redis.call('INCR', KEYS[3]) % 0x100000000
          redis.call('ZADD', KEYS[2], priority * 0x100000000 + arrival, id)
        end
        free = free - 1
        added = true
      end
      outcomes[#outcomes + 1] = outcome
    end
    if added then redis.call('ZADD', KEYS[4], 0, '0') end
    return outcomes
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

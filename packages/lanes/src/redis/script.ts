import { Fault } from '@isotherm/kernel';
import type { Redis } from 'ioredis';

/** A Lua script; its first `keyCount` arguments are keys. */
export interface Script {
  readonly name: string;
  readonly keyCount: number;
  readonly lua: string;
}

export type RunScript = (...values: readonly (string | number | Buffer)[]) => Promise<unknown>;

/**
 * Makes the script callable on the connection: by its digest, and by its text when the server
 * does not know it (the first time, and after a restart). Any failure is a `Fault`.
 */
export const defineScript = (redis: Redis, script: Script): RunScript => {
  redis.defineCommand(script.name, { numberOfKeys: script.keyCount, lua: script.lua });
  const run: unknown = Reflect.get(redis, script.name);
  if (typeof run !== 'function') throw new TypeError(`Script ${script.name} was not defined.`);
  return async (...values) => {
    try {
      return (await Reflect.apply(run, redis, values)) as unknown;
    } catch (cause) {
      throw unavailable(cause);
    }
  };
};

export const unavailable = (cause: unknown): Fault =>
  new Fault('unavailable', 'The command queue cannot be reached.', { cause });

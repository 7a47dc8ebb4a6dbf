import { Redis } from 'ioredis';

/** What a lane keeps while it lives, whether anything is in it or not. */
const bookkeeping = /:(?:meta|events|id|pc|marker|stalled-check)$/;

/**
 * Keys of lanes that hold a job, in whatever state; lanes of the dead are looked at like those of the living. The
 * registry's keys are left out.
 */
export const keysWithJobs = async (url: string, prefix: string): Promise<readonly string[]> => {
  const client = new Redis(url, { lazyConnect: true });
  try {
    const keys = await client.keys(`${prefix}:*`);
    return keys.filter((key) => !key.startsWith(`${prefix}:registry:`) && !bookkeeping.test(key));
  } finally {
    client.disconnect();
  }
};

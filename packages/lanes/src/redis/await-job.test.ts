import { expect, it } from '@jest/globals';
import { awaitJob } from './await-job.ts';

it('opens the connection again on which a wait has failed', async () => {
  let open = false;
  const backend = {
    waitForJob: async () => {
      if (!open) throw new Error('Connection is closed.');
    },
    reconnectBlocking: async () => {
      open = true;
    },
  };
  await expect(awaitJob(backend)).rejects.toThrow('Connection is closed.');
  await awaitJob(backend);
});

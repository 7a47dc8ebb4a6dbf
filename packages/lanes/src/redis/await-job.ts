/** What is used of BullMQ's backend: its wait, and the way back to the connection that it waits on. */
export interface JobBackend {
  waitForJob(seconds: number): Promise<unknown>;
  reconnectBlocking(): Promise<void>;
}

/** How long an idle consumer blocks before it asks again, in seconds. */
const blockSeconds = 1;

/**
 * Resolves when a job may have come, and after a second in any case. BullMQ closes the connection of a wait that takes too
 * long, and leaves it to whoever waits next to open it again.
 */
export const awaitJob = async (backend: JobBackend): Promise<void> => {
  try {
    await backend.waitForJob(blockSeconds);
  } catch (cause) {
    await backend.reconnectBlocking();
    throw cause;
  }
};

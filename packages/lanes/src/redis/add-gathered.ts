import { deferred, type Deferred, type JobId } from '@isotherm/kernel';
import type { AddOutcome } from '../port.ts';
import { queueJobId } from './lane-keys.ts';
import type { RunScript } from './script.ts';

/** Adds to one lane that come in the same turn of the event loop, in one call. */
export interface GatheredAdds {
  add(id: JobId, body: string, priority: number): Promise<AddOutcome>;
  /** Sends what has gathered: before commands that are to find it in the lane. */
  flush(): void;
}

interface Gathered {
  readonly fields: readonly (string | number)[];
  readonly outcome: Deferred<AddOutcome>;
}

/** Most jobs in one call: a script keeps everybody waiting. */
const addedMax = 256;

/** `send` runs the adding script with the fields of each job: id, body, priority. */
export const gatherAdds = (send: RunScript): GatheredAdds => {
  let gathered: Gathered[] = [];

  const flush = (): void => {
    const jobs = gathered;
    gathered = [];
    if (jobs.length === 0) return;
    send(...jobs.flatMap(({ fields }) => fields)).then(
      (outcomes) =>
        jobs.forEach(({ outcome }, index) =>
          outcome.resolve(outcomeOf((outcomes as readonly number[])[index])),
        ),
      (cause: unknown) => jobs.forEach(({ outcome }) => outcome.reject(cause)),
    );
  };

  return {
    add: (id, body, priority) => {
      const job = { fields: [queueJobId(id), body, priority], outcome: deferred<AddOutcome>() };
      if (gathered.push(job) === 1) setImmediate(flush);
      else if (gathered.length === addedMax) flush();
      return job.outcome.promise;
    },
    flush,
  };
};

const outcomeOf = (returned: number | undefined): AddOutcome => {
  if (returned === 1) return { kind: 'added' };
  return returned === 0 ? { kind: 'duplicate' } : { kind: 'rejected', reason: 'full' };
};

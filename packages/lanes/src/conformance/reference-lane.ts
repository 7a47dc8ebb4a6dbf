/** A lane as its port describes it, with one consumer of concurrency 1: slow and obvious. */
export interface ReferenceJob {
  readonly id: string;
  readonly body: number;
  readonly priority: number;
}

export interface ReferenceLane {
  readonly running: ReferenceJob | undefined;
  readonly waiting: readonly ReferenceJob[];
}

export const emptyLane: ReferenceLane = { running: undefined, waiting: [] };

/** The consumer takes the first of the most urgent, if it is free. */
const taken = (lane: ReferenceLane): ReferenceLane => {
  if (lane.running !== undefined || lane.waiting.length === 0) return lane;
  const urgent = Math.min(...lane.waiting.map(({ priority }) => priority));
  const running = lane.waiting.find(({ priority }) => priority === urgent);
  return { running, waiting: lane.waiting.filter((job) => job !== running) };
};

export const addTo = (
  lane: ReferenceLane,
  job: ReferenceJob,
  depthMax: number,
): { readonly lane: ReferenceLane; readonly outcome: 'added' | 'duplicate' | 'rejected' } => {
  const known = [...lane.waiting, ...(lane.running ? [lane.running] : [])];
  if (known.some(({ id }) => id === job.id)) return { lane, outcome: 'duplicate' };
  if (lane.waiting.length >= depthMax) return { lane, outcome: 'rejected' };
  return { lane: taken({ ...lane, waiting: [...lane.waiting, job] }), outcome: 'added' };
};

export const removeFrom = (
  lane: ReferenceLane,
  id: string,
): { readonly lane: ReferenceLane; readonly removed: boolean } => {
  const waiting = lane.waiting.filter((job) => job.id !== id);
  return { lane: { ...lane, waiting }, removed: waiting.length < lane.waiting.length };
};

/** The handler that runs settles. */
export const finishIn = (lane: ReferenceLane): ReferenceLane =>
  taken({ ...lane, running: undefined });

import { Fault } from '@isotherm/kernel';

/** Looks after a job that was put into a lane, until its instance speaks of it. */
export interface LaneCare {
  /** It is in its lane. Calls `lost` when it is there no longer and was not heard of. */
  begin(lost: (fault: Fault) => void): void;
  /** Its instance has spoken of it, or nobody waits for it any more. */
  heard(): void;
}

/** Time between two looks at the lane, in milliseconds. */
const lookEveryMs = 1000;
/** A job that was just taken and done is not in its lane either: its events are on their way by the second look. */
const missingMax = 2;

/**
 * A store that has lost its data has lost the jobs that waited in it, and nobody would ever speak of them. `isHeld` says
 * whether the job is in its lane.
 */
export const careForJob = (isHeld: () => Promise<boolean>, everyMs = lookEveryMs): LaneCare => {
  let missing = 0;
  let isOver = false;
  let timer: NodeJS.Timeout | undefined;

  const look = async (lost: (fault: Fault) => void): Promise<void> => {
    // Where the store is away nothing is known: the next look may tell.
    const held = await isHeld().catch(() => undefined);
    if (isOver) return;
    missing = held === false ? missing + 1 : 0;
    if (missing < missingMax) return lookLater(lost);
    isOver = true;
    lost(new Fault('unavailable', 'The job is no longer in its lane.'));
  };
  const lookLater = (lost: (fault: Fault) => void): void => {
    timer = setTimeout(() => void look(lost), everyMs);
  };
  return {
    // An instance may be faster than the store's answer to who put the job there.
    begin: (lost) => {
      if (!isOver) lookLater(lost);
    },
    heard: () => {
      isOver = true;
      clearTimeout(timer);
    },
  };
};

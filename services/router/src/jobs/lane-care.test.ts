import { describe, expect, it } from '@jest/globals';
import { deferred, type Fault } from '@isotherm/kernel';
import { careForJob } from './lane-care.ts';

const everyMs = 2;

/** Answers of a lane, one a look, and a promise of the look after the last. */
const lane = (...answers: readonly (boolean | 'away')[]) => {
  const over = deferred<void>();
  let looks = 0;
  const isHeld = async (): Promise<boolean> => {
    const answer = answers[looks];
    looks += 1;
    if (looks > answers.length) over.resolve();
    if (answer === 'away') throw new Error('away');
    return answer ?? true;
  };
  return { isHeld, over: over.promise, looks: () => looks };
};

describe('careForJob', () => {
  it('says that a job is lost which twice in a row is not in its lane', async () => {
    const { isHeld, looks } = lane(true, false, 'away', false, true, false, false);
    const lost = deferred<Fault>();
    careForJob(isHeld, everyMs).begin(lost.resolve);
    expect((await lost.promise).code).toBe('unavailable');
    expect(looks()).toBe(7);
  });

  it('lets a job wait for as long as it is there', async () => {
    const { isHeld, over } = lane(true, true, true, false, true);
    let lost = false;
    const care = careForJob(isHeld, everyMs);
    care.begin(() => (lost = true));
    await over;
    care.heard();
    expect(lost).toBe(false);
  });

  it('looks no more once the job was heard of, not even at an answer that is on its way', async () => {
    const asked = deferred<void>();
    const answer = deferred<boolean>();
    let lost = false;
    let looks = 0;
    const isHeld = (): Promise<boolean> => {
      looks += 1;
      if (looks === 1) return Promise.resolve(false);
      asked.resolve();
      return answer.promise;
    };
    const care = careForJob(isHeld, everyMs);
    care.begin(() => (lost = true));
    await asked.promise;
    care.heard();
    answer.resolve(false);
    await answer.promise;
    expect([lost, looks]).toEqual([false, 2]);
  });

  it('does not look at all for a job that was heard of before it was known to be in its lane', async () => {
    const { isHeld, looks } = lane();
    const care = careForJob(isHeld, everyMs);
    care.heard();
    care.begin(() => undefined);
    await new Promise((resolve) => setTimeout(resolve, 5 * everyMs));
    expect(looks()).toBe(0);
  });
});

import { describe, expect, it } from '@jest/globals';
import { jobId } from '@isotherm/kernel';
import { gatherAdds } from './add-gathered.ts';

const calls = (answer: (fields: readonly unknown[]) => Promise<unknown>) => {
  const sent: (readonly unknown[])[] = [];
  const adds = gatherAdds((...fields) => {
    sent.push(fields);
    return answer(fields);
  });
  return { sent, adds };
};

describe('adds to a lane', () => {
  it('of one turn share a call, and each has its own outcome', async () => {
    const { sent, adds } = calls(async () => [1, 0, -1]);
    const added = ['a', 'b', 'c'].map((id) => adds.add(jobId(id), `"${id}"`, 2));
    expect(await Promise.all(added)).toEqual([
      { kind: 'added' },
      { kind: 'duplicate' },
      { kind: 'rejected', reason: 'full' },
    ]);
    expect(sent).toEqual([['j-a', '"a"', 2, 'j-b', '"b"', 2, 'j-c', '"c"', 2]]);
  });

  it('go out at once when something is to come after them, and not twice', async () => {
    const { sent, adds } = calls(async () => [1]);
    const added = adds.add(jobId('a'), '1', 0);
    adds.flush();
    expect(sent.length).toBe(1);
    await added;
    await new Promise(setImmediate);
    expect(sent.length).toBe(1);
  });

  it('fail together, and later ones are not touched by it', async () => {
    const answers = [Promise.reject(new Error('away')), Promise.resolve([1])];
    const { adds } = calls(() => answers.shift() ?? Promise.resolve([]));
    const failing = [adds.add(jobId('a'), '1', 0), adds.add(jobId('b'), '2', 0)];
    const settled = await Promise.allSettled(failing);
    expect(settled.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    expect(await adds.add(jobId('a'), '1', 0)).toEqual({ kind: 'added' });
  });

  it('are cut where there are very many', async () => {
    const { sent, adds } = calls(async (fields) =>
      fields.filter((_, at) => at % 3 === 0).map(() => 1),
    );
    await Promise.all(Array.from({ length: 600 }, (_, at) => adds.add(jobId(`${at}`), '1', 0)));
    expect(sent.map(({ length }) => length / 3)).toEqual([256, 256, 88]);
  });
});

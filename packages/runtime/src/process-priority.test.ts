import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { describe, expect, it } from '@jest/globals';
import { takePriority } from './process-priority.ts';

const run = promisify(execFile);
const module = new URL('process-priority.js', import.meta.url).href;

/** Takes a priority in a process of its own; resolves to that of each of its threads, a worker's included. */
const prioritiesAt = async (nice: string): Promise<readonly number[]> => {
  const program = `
    import { readdirSync } from 'node:fs';
    import { getPriority } from 'node:os';
    import { Worker } from 'node:worker_threads';
    import { takePriority } from ${JSON.stringify(module)};
    takePriority(process.env);
    const worker = new Worker(new URL('data:text/javascript,0'));
    await new Promise((resolve) => worker.once('online', resolve));
    const threads = process.platform === 'linux' ? readdirSync('/proc/self/task').map(Number) : [0];
    console.log(JSON.stringify(threads.map((thread) => getPriority(thread))));
  `;
  const env = { PATH: process.env['PATH'], ISOTHERM_NICE: nice };
  const { stdout } = await run(process.execPath, ['--input-type=module', '-e', program], { env });
  return JSON.parse(stdout) as number[];
};

describe('the priority of a process', () => {
  it('is taken by all its threads, and those that it starts later', async () => {
    const [usual = 0] = await prioritiesAt('');
    const nice = Math.min(19, usual + 3);
    const there = await prioritiesAt(String(nice));
    expect(there.length).toBeGreaterThan(0);
    expect(new Set(there)).toEqual(new Set([nice]));
  });

  it.each(['-1', '20', 'low'])('is refused as "%s", with what would be right', (ISOTHERM_NICE) => {
    expect(() => takePriority({ ISOTHERM_NICE })).toThrow(
      /ISOTHERM_NICE must be a whole number from 0 to 19/,
    );
  });
});

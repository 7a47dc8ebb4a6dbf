import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { capture, handOver } from './command.mjs';
import { watchProcesses } from './leftovers.mjs';
import { withLock } from './lock.mjs';

let folder;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'isotherm-processes-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const silent = () => {};

describe('withLock', () => {
  it('lets one in at a time', async () => {
    const file = join(folder, 'deep/lock');
    const events = [];
    const work = (name) =>
      withLock({ file, log: silent }, async () => {
        events.push(`${name} in`);
        await sleep(20);
        events.push(`${name} out`);
      });
    await Promise.all([work('a'), work('b')]);
    expect(events).toEqual(['a in', 'a out', 'b in', 'b out']);
    expect(existsSync(file)).toBe(false);
  });

  it("takes over a dead owner's lock, and lets go when the work throws", async () => {
    const file = join(folder, 'lock');
    const dead = spawn(process.execPath, ['-e', '']);
    await once(dead, 'close');
    writeFileSync(file, `${dead.pid}\n`);
    const work = withLock({ file, log: silent }, () => Promise.reject(new Error('broken')));
    await expect(work).rejects.toThrow('broken');
    expect(existsSync(file)).toBe(false);
  });

  it('gives up on a living owner after its bound', async () => {
    const file = join(folder, 'lock');
    writeFileSync(file, `${process.pid}\n`);
    const lines = [];
    const log = (line) => lines.push(line);
    await expect(withLock({ file, log, waitMsMax: 10 }, silent)).rejects.toThrow(/too long/);
    expect(lines).toEqual([expect.stringContaining(`process ${process.pid}`)]);
    expect(readFileSync(file, 'utf8')).toBe(`${process.pid}\n`);
  });
});

describe('capture and handOver', () => {
  it('keep the output of both streams, the exit code, and a program that is not there', async () => {
    const script = 'console.log("out"); console.error("err"); process.exitCode = 3';
    const result = await capture(process.execPath, ['-e', script]);
    expect(result.code).toBe(3);
    expect(result.output).toContain('out\n');
    expect(result.output).toContain('err\n');
    expect(await capture(join(folder, 'nothing'), [])).toMatchObject({ code: 127 });
  });

  it('say which signal ended a program that could say nothing itself', async () => {
    const script = 'process.kill(process.pid, "SIGKILL"); setInterval(() => {}, 1000)';
    const result = await capture(process.execPath, ['-e', script]);
    expect(result).toEqual({ code: 137, output: `${process.execPath} was ended by SIGKILL.\n` });
  });

  it('hand the exit code through', async () => {
    const code = await handOver(process.execPath, ['-e', 'process.exit(7)'], { stdio: 'ignore' });
    expect(code).toBe(7);
  });
});

const onLinux = process.platform === 'linux' ? it : it.skip;

describe('watchProcesses', () => {
  onLinux('names an orphan that a child left behind (where there is /proc: Linux)', async () => {
    const watch = watchProcesses();
    // The child starts a grandchild in a session of its own and ends: the orphan is no descendant any more.
    const script = `const { spawn } = require('node:child_process');
      const orphan = spawn('sleep', ['30'], { detached: true, stdio: 'ignore' });
      orphan.unref(); console.log(orphan.pid);`;
    const { output } = await capture(process.execPath, ['-e', script], { env: process.env });
    const orphan = Number(output);
    const left = await watch.leftovers(100);
    process.kill(orphan, 'SIGKILL');
    expect(left).toEqual([{ pid: orphan, command: 'sleep 30' }]);
  });

  onLinux('waits for what ends by itself (where there is /proc: Linux)', async () => {
    const watch = watchProcesses();
    spawn('sleep', ['0.2'], { stdio: 'ignore' });
    expect(await watch.leftovers(5000)).toEqual([]);
  });
});

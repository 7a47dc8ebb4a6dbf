// One command at a time installs and builds: a lock file that names its owner's process.
import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

const pollMs = 200;

function isAlive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === 'EPERM';
  }
}

function readOwner(file) {
  try {
    return Number.parseInt(readFileSync(file, 'utf8'), 10);
  } catch {
    return undefined;
  }
}

function tryTake(file) {
  try {
    writeFileSync(file, `${process.pid}\n`, { flag: 'wx' });
    return true;
  } catch (error) {
    if (error.code === 'EEXIST') return false;
    throw error;
  }
}

/** Moves a dead owner's lock aside. Another waiter may be faster: then its live lock is put back. */
function clearDead(file, deadPid) {
  const aside = `${file}.${process.pid}`;
  try {
    renameSync(file, aside);
  } catch {
    return;
  }
  if (readOwner(aside) === deadPid) rmSync(aside, { force: true });
  else renameSync(aside, file);
}

/**
 * Runs `work` while holding the lock; waits for a living owner as long as it takes, up to `waitMsMax`.
 * @template T
 * @param {{file: string, log: (line: string) => void, waitMsMax?: number}} options
 * @param {() => Promise<T>} work
 * @returns {Promise<T>}
 */
export async function withLock({ file, log, waitMsMax = 900_000 }, work) {
  mkdirSync(dirname(file), { recursive: true });
  const startMs = performance.now();
  let isTold = false;
  while (!tryTake(file)) {
    const owner = readOwner(file);
    // An empty file is an owner between creating and writing it: look again.
    if (owner !== undefined && !Number.isNaN(owner) && !isAlive(owner)) clearDead(file, owner);
    else if (performance.now() - startMs > waitMsMax) {
      throw new Error(`Waited too long for process ${owner}. If it is not ours, remove ${file}.`);
    } else {
      if (!isTold) log(`waiting for process ${owner}, which is installing or building`);
      isTold = true;
      await sleep(pollMs);
    }
  }
  const release = () => rmSync(file, { force: true });
  process.once('exit', release);
  try {
    return await work();
  } finally {
    process.off('exit', release);
    release();
  }
}

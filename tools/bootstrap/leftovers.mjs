// Finds processes that a run started and left behind. An orphan is no child of ours any more, so two traces
// are used: the tree of descendants, sampled while the run goes on, and a mark in the inherited environment.
import { readdirSync, readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

const mark = 'ISOTHERM_RUN_MARK';
const sampleMs = 500;

/**
 * @typedef {{pid: number, parent: number, startTicks: string}} Process `startTicks` tells a process from a
 *   later one with the same pid.
 */

/** @returns {Process[]} every process of this machine; none where there is no /proc */
function listProcesses() {
  let entries;
  try {
    entries = readdirSync('/proc');
  } catch {
    return [];
  }
  return entries.filter((entry) => /^\d+$/.test(entry)).flatMap(readProcess);
}

function readProcess(pid) {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The second field is the name in brackets and may hold anything: count from the last bracket.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    const [state, parent] = fields;
    // A zombie has ended; its parent has not looked yet.
    if (state === 'Z') return [];
    return [{ pid: Number(pid), parent: Number(parent), startTicks: fields[19] }];
  } catch {
    return [];
  }
}

function readProc(pid, file) {
  try {
    return readFileSync(`/proc/${pid}/${file}`, 'utf8').replaceAll('\0', ' ').trim();
  } catch {
    return '';
  }
}

/** @param {readonly Process[]} processes @param {number} ancestor */
export function descendantsOf(processes, ancestor) {
  const family = new Set([ancestor]);
  const found = [];
  let grew = true;
  while (grew) {
    grew = false;
    for (const process of processes) {
      if (family.has(process.pid) || !family.has(process.parent)) continue;
      family.add(process.pid);
      found.push(process);
      grew = true;
    }
  }
  return found;
}

const keyOf = ({ pid, startTicks }) => `${pid}:${startTicks}`;

/**
 * Starts watching what this process starts from here on.
 * @returns {{leftovers(graceMs: number): Promise<{pid: number, command: string}[]>}} `leftovers` ends the
 *   watch, gives processes `graceMs` to end by themselves, and lists those that live.
 */
export function watchProcesses() {
  const value = `${process.pid}-${Date.now()}`;
  process.env[mark] = value;
  const seen = new Set();
  const sample = () => {
    for (const found of descendantsOf(listProcesses(), process.pid)) seen.add(keyOf(found));
  };
  const timer = setInterval(sample, sampleMs);
  timer.unref();
  const living = () =>
    listProcesses().filter(
      (found) =>
        found.pid !== process.pid &&
        (seen.has(keyOf(found)) || readProc(found.pid, 'environ').includes(`${mark}=${value}`)),
    );
  const leftovers = async (graceMs) => {
    clearInterval(timer);
    sample();
    const endMs = performance.now() + graceMs;
    while (living().length > 0 && performance.now() < endMs) await sleep(50);
    return living().map(({ pid }) => ({ pid, command: readProc(pid, 'cmdline') }));
  };
  return { leftovers };
}

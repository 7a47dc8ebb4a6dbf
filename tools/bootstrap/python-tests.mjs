// The Python tests (the model's data generator): run where Python and numpy are, or can be had.
import { existsSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { capture } from './command.mjs';
import { oneSkipped, tallyUnittest } from './tally.mjs';

const suite = 'models/panel/test_generator.py';
const timeoutMs = 300_000;

const hasNumpy = async (python) => (await capture(python, ['-c', 'import numpy'])).code === 0;

async function installNumpy(log) {
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  const aptInstall = ['install', '-y', '-q', '--no-install-recommends', 'python3-numpy'];
  if ((await capture('apt-get', aptInstall, { env })).code === 0) return;
  await capture('apt-get', ['update', '-q'], { env });
  const second = await capture('apt-get', aptInstall, { env });
  if (second.code !== 0) log(`python3-numpy could not be installed:\n${second.output}`);
}

/** A Python with numpy; on a Debian machine root may install it. */
async function findPython(log) {
  const pythons = ['/usr/bin/python3', 'python3'];
  for (const python of pythons) if (await hasNumpy(python)) return python;
  if (process.getuid?.() === 0 && existsSync('/usr/bin/apt-get')) {
    log('python3-numpy: installing (apt-get)');
    await installNumpy(log);
  }
  return (await hasNumpy(pythons[0])) ? pythons[0] : undefined;
}

/**
 * @param {{root: string, log: (line: string) => void}} options
 * @returns {Promise<import('./tally.mjs').Tally>}
 */
export async function runPythonTests({ root, log }) {
  const file = join(root, suite);
  if (!existsSync(file)) return oneSkipped(`${suite} — there is no such file`);
  const python = await findPython(log);
  if (python === undefined)
    return oneSkipped(`${suite} — no python3 with numpy, and no root to add it`);
  const module = basename(file, '.py');
  const result = await capture(python, ['-m', 'unittest', '-v', module], {
    cwd: dirname(file),
    env: { ...process.env, PYTHONDONTWRITEBYTECODE: '1' },
    timeout: timeoutMs,
  });
  const tally = tallyUnittest(result.output, result.code);
  if (tally.failed > 0) log(result.output);
  return tally;
}

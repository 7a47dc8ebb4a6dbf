import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { isMainThread } from 'node:worker_threads';

/**
 * Imported by a service under test (NODE_OPTIONS): on SIGUSR2 it collects all garbage and writes what is still live, in
 * bytes, to a file named after its process in ISOTHERM_TEST_LIVE_BYTES_DIR.
 */
const folder = process.env['ISOTHERM_TEST_LIVE_BYTES_DIR'];
if (isMainThread && folder !== undefined) {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  process.on('SIGUSR2', () => {
    // Twice: what a finalizer lets go of in the first is found in the second.
    collect();
    setImmediate(() => {
      collect();
      const { heapUsed, external } = process.memoryUsage();
      writeFileSync(join(folder, `${process.pid}`), String(heapUsed + external));
    });
  });
}

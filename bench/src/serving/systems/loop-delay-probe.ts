// Loaded into a service by `--import`: on SIGUSR2 it writes how late the event loop was since the last one.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { isMainThread } from 'node:worker_threads';

/** Of the timer that is watched; what it is late beyond this is the delay. */
const resolutionMs = 5;
const folder = process.env['BENCH_LOOP_DELAY_DIR'];

if (isMainThread && folder !== undefined) {
  const histogram = monitorEventLoopDelay({ resolution: resolutionMs });
  histogram.enable();
  process.on('SIGUSR2', () => {
    const p99Ms = Math.max(0, histogram.percentile(99) / 1e6 - resolutionMs);
    writeFileSync(join(folder, String(process.pid)), JSON.stringify({ p99Ms }));
    histogram.reset();
  });
}

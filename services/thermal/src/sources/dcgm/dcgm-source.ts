import type { HttpReader } from '../http/http-reader.ts';
import type { Look } from '../polling/polling-source.ts';
import { createThrottleGrowth } from '../throttle-growth.ts';
import { dcgmPrefix, dcgmReadings, type GpuMapping } from './dcgm-readings.ts';
import { parseExposition } from './exposition.ts';

/** Version 0.0.4 of the text format: what every exporter writes when nothing else is asked for. */
const headers = { accept: 'text/plain;version=0.0.4' };

/** Looks at a DCGM exporter (https://github.com/NVIDIA/dcgm-exporter), one GET a look. */
export const dcgmLook = (
  url: URL,
  mapping: GpuMapping,
  read: HttpReader,
): ((signal: AbortSignal) => Promise<Look>) => {
  const growth = createThrottleGrowth();
  return async (signal) => {
    const { status, text } = await read(url, signal, { headers });
    if (status !== 200) throw new Error(`${url.origin}${url.pathname}: answers ${status}`);
    const { samples, malformed } = parseExposition(text, dcgmPrefix);
    const readings = dcgmReadings(samples, mapping, growth);
    if (readings.length === 0) {
      const seen = `${samples.length} metrics ${dcgmPrefix}*, ${malformed} lines not understood`;
      throw new Error(`${url.origin}${url.pathname}: no GPU in the answer (${seen})`);
    }
    return malformed === 0 ? { readings } : { readings, problem: notUnderstood(url, malformed) };
  };
};

const notUnderstood = (url: URL, malformed: number): string =>
  `${url.origin}${url.pathname}: ${malformed} lines not understood`;

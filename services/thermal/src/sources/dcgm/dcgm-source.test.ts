import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { httpReader } from '../http/http-reader.ts';
import { createThrottleGrowth } from '../throttle-growth.ts';
import { dcgmPrefix, dcgmReadings, type GpuMapping } from './dcgm-readings.ts';
import { dcgmLook } from './dcgm-source.ts';
import { parseExposition } from './exposition.ts';

const mapping = (given: Partial<GpuMapping> = {}): GpuMapping => ({
  ...{ servers: new Map(), gpus: new Map(), server: undefined },
  ...given,
});

/** As an exporter writes it: a help and a type before each metric, the labels in its order. */
const exposition = (
  metrics: Readonly<Record<string, number>>,
  { gpu = 0, host = 'node-1', more = '' } = {},
): string =>
  Object.entries(metrics)
    .map(([field, value]) => {
      const name = `${dcgmPrefix}${field}`;
      const labels = `gpu="${gpu}",UUID="GPU-${host}-${gpu}",pci_bus_id="00000000:1B:00.0",device="nvidia${gpu}",modelName="NVIDIA H100 80GB HBM3",Hostname="${host}"${more}`;
      return `# HELP ${name} As it is.\n# TYPE ${name} gauge\n${name}{${labels}} ${value}\n`;
    })
    .join('');

const read = (text: string, given?: Partial<GpuMapping>, growth = createThrottleGrowth()) =>
  dcgmReadings(parseExposition(text, dcgmPrefix).samples, mapping(given), growth).map(
    ({ level, id, quantity, value }) => `${level} ${id} ${quantity} ${value}`,
  );

describe('readings of a DCGM exporter', () => {
  it('are in our units, of the server that the host is', () => {
    const text = exposition({
      ...{ SM_CLOCK: 1980, GPU_TEMP: 61, MEMORY_TEMP: 72, POWER_USAGE: 512.25 },
      ...{ TOTAL_ENERGY_CONSUMPTION: 4_000_500, GPU_UTIL: 87, MEM_COPY_UTIL: 40 },
      ...{ GPU_TEMP_LIMIT: 26, CLOCKS_EVENT_REASONS: 4, XID_ERRORS: 0 },
    });
    expect(read(text, { servers: new Map([['node-1', 'r1-k1-s1']]) })).toEqual([
      'gpu r1-k1-s1/0 core_c 61',
      'gpu r1-k1-s1/0 core_margin_c 26',
      'gpu r1-k1-s1/0 memory_c 72',
      'gpu r1-k1-s1/0 power_w 512.25',
      'gpu r1-k1-s1/0 energy_j 4000.5',
      'gpu r1-k1-s1/0 utilisation 0.87',
      'gpu r1-k1-s1/0 memory_utilisation 0.4',
      'gpu r1-k1-s1/0 clock_mhz 1980',
      'gpu r1-k1-s1/0 throttle_reasons 4',
    ]);
  });

  it('find their server by UUID, by a fixed name, or by the host itself', () => {
    const text = exposition({ GPU_TEMP: 50 }, { gpu: 3 });
    expect(read(text)).toEqual(['gpu node-1/3 core_c 50']);
    expect(read(text, { server: 's9' })).toEqual(['gpu s9/3 core_c 50']);
    const gpus = new Map([['GPU-node-1-3', 's2/7']]);
    expect(read(text, { server: 's9', gpus })).toEqual(['gpu s2/7 core_c 50']);
    expect(read('DCGM_FI_DEV_GPU_TEMP 50')).toEqual([]);
  });

  it('have each quantity of a GPU once, however many MIG instances repeat it', () => {
    const mig = (id: number) => exposition({ GPU_TEMP: 50 + id }, { more: `,GPU_I_ID="${id}"` });
    expect(read(mig(1) + mig(2))).toEqual(['gpu node-1/0 core_c 51']);
  });

  it('leave out a memory sensor that is not there, and pass on what cannot be true', () => {
    expect(read(exposition({ MEMORY_TEMP: 0, GPU_TEMP: 0 }))).toEqual(['gpu node-1/0 core_c 0']);
    expect(read(exposition({ POWER_USAGE: -5, CLOCKS_EVENT_REASONS: 1.5 }))).toEqual([
      'gpu node-1/0 power_w -5',
      'gpu node-1/0 throttle_reasons 1.5',
    ]);
  });

  it('see throttling that is over between two looks by its counters', () => {
    const growth = createThrottleGrowth();
    const look = (thermal: number, reasons: number) =>
      read(
        exposition({
          THERMAL_VIOLATION: thermal,
          POWER_VIOLATION: 7,
          CLOCKS_EVENT_REASONS: reasons,
        }),
        {},
        growth,
      );
    expect(look(100, 0)).toEqual(['gpu node-1/0 throttle_reasons 0']);
    expect(look(350, 1)).toEqual(['gpu node-1/0 throttle_reasons 33']);
    expect(look(350, 0)).toEqual(['gpu node-1/0 throttle_reasons 0']);
  });
});

describe('a look at a DCGM exporter', () => {
  let server: Server;
  let url: URL;
  let answer = { status: 200, text: '' };
  beforeAll(async () => {
    server = createServer((_, response) => {
      response.writeHead(answer.status, { 'content-type': 'text/plain; version=0.0.4' });
      response.end(answer.text);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    url = new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}/metrics`);
  });
  afterAll(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  const lookAt = (text: string, status = 200) => {
    answer = { status, text };
    return dcgmLook(url, mapping(), httpReader(10_000))(new AbortController().signal);
  };

  it('reads what it exports', async () => {
    const { readings, problem } = await lookAt(exposition({ GPU_TEMP: 61 }));
    expect(readings).toEqual([{ level: 'gpu', id: 'node-1/0', quantity: 'core_c', value: 61 }]);
    expect(problem).toBeUndefined();
  });

  it('says what it did not understand beside what it did', async () => {
    const { readings, problem } = await lookAt(`${exposition({ GPU_TEMP: 61 })}oops{\n`);
    expect(readings).toHaveLength(1);
    expect(problem).toContain('1 lines not understood');
  });

  it.each([
    ['another page', '<html>Log in</html>', 200, 'no GPU in the answer (0 metrics'],
    ['another exporter', 'node_load1 0.5\n', 200, '0 lines not understood'],
    ['an error', '', 503, 'answers 503'],
    ['too much', exposition({ GPU_TEMP: 61 }).repeat(60), 200, 'more than 10000 bytes'],
  ])('fails with a sentence at %s', async (_, text, status, message) => {
    await expect(lookAt(text, status)).rejects.toThrow(message);
  });
});

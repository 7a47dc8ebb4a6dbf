import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { manualClock } from '@isotherm/kernel';
import type { SourceReport } from '../../telemetry/source.ts';
import { pollingSource } from '../polling/polling-source.ts';
import { runCommand } from './run-command.ts';
import { allFields, smiReadings, withoutRefused } from './smi-query.ts';
import { smiLook } from './smi-source.ts';

const still = new AbortController().signal;
const shown = (text: string, known = allFields) =>
  smiReadings(text, 's1', known).readings.map(({ id, quantity, value }) => [id, quantity, value]);

describe('the table of nvidia-smi', () => {
  it('is read with its units and bits', () => {
    const line = '0, 61, 26, 72, 512.25 W, 87 %, 40 %, 1980 MHz, 0x0000000000000004\n';
    expect(shown(line)).toEqual([
      ['s1/0', 'core_c', 61],
      ['s1/0', 'core_margin_c', 26],
      ['s1/0', 'memory_c', 72],
      ['s1/0', 'power_w', 512.25],
      ['s1/0', 'utilisation', 0.87],
      ['s1/0', 'memory_utilisation', 0.4],
      ['s1/0', 'clock_mhz', 1980],
      ['s1/0', 'throttle_reasons', 4],
    ]);
  });

  it('has gaps where a GPU has no such sensor', () => {
    const line = '1, 45, N/A, [N/A], [Not Supported], [Unknown Error], 0 %, 210 MHz, [N/A]';
    expect(shown(line).map(([, quantity]) => quantity)).toEqual([
      ...['core_c', 'memory_utilisation', 'clock_mhz'],
    ]);
  });

  it('gives what is no number to the intake as no number', () => {
    const line = '0, warm, 26, 72, -12.00 W, 87 %, 40 %, 1980 MHz, 0x4';
    expect(shown(line)).toContainEqual(['s1/0', 'core_c', Number.NaN]);
    expect(shown(line)).toContainEqual(['s1/0', 'power_w', -12]);
  });

  it.each([
    'Unable to determine the device handle for GPU0000:1B:00.0: Unknown Error',
    '0, 61',
    'x, 1',
  ])('has no row in %j', (line) => {
    expect(smiReadings(line, 's1', allFields)).toEqual({ readings: [], malformed: 1 });
  });

  it('is asked for an older name of what a driver refuses, else without it', () => {
    const refusal = (name: string) => `Field "${name}" is not a valid field to query.`;
    const older = withoutRefused(allFields, refusal('clocks_event_reasons.active'));
    expect(older?.at(-1)).toBe('clocks_throttle_reasons.active');
    const without = withoutRefused(allFields, refusal('temperature.gpu.tlimit'));
    expect(without?.[1]).toBeUndefined();
    expect(
      shown('0, 61, 72, 1 W, 2 %, 3 %, 4 MHz, 0x0', without).map(([, each]) => each),
    ).not.toContain('core_margin_c');
    expect(withoutRefused(allFields, 'NVIDIA-SMI has failed')).toBeUndefined();
  });
});

describe('a look through a command', () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'isotherm-smi-'));
  });
  afterAll(async () => {
    await rm(folder, { recursive: true });
  });

  /** A stand-in that answers as the driver's tool does. */
  const standIn = async (script: string): Promise<string> => {
    const path = join(folder, `smi-${Math.random().toString(36).slice(2)}`);
    await writeFile(path, `#!/bin/sh\n${script}\n`);
    await chmod(path, 0o755);
    return path;
  };

  it('asks in the documented way', async () => {
    const log = join(folder, 'asked');
    const path = await standIn(
      `echo "$@" > ${log}\necho "0, 61, 26, [N/A], 512.25 W, 87 %, 40 %, 1980 MHz, 0x0000000000000000"`,
    );
    const { readings } = await smiLook([path], 's1')(still);
    expect(readings).toContainEqual({
      level: 'gpu',
      id: 's1/0',
      quantity: 'power_w',
      value: 512.25,
    });
    expect(await readFile(log, 'utf8')).toBe(
      '--query-gpu=index,temperature.gpu,temperature.gpu.tlimit,temperature.memory,power.draw,' +
        'utilization.gpu,utilization.memory,clocks.sm,clocks_event_reasons.active --format=csv,noheader\n',
    );
  });

  it('asks an older driver for what it knows, once', async () => {
    const log = join(folder, 'runs');
    const path = await standIn(
      [
        `echo run >> ${log}`,
        'case "$1" in',
        '*tlimit*) echo \'Field "temperature.gpu.tlimit" is not a valid field to query.\'; exit 2;;',
        '*clocks_event*) echo \'Field "clocks_event_reasons.active" is not a valid field to query.\'; exit 2;;',
        '*) echo "0, 61, 72, 512.25 W, 87 %, 40 %, 1980 MHz, 0x0000000000000040";;',
        'esac',
      ].join('\n'),
    );
    const look = smiLook([path], 's1');
    const first = await look(still);
    expect(first.readings).toContainEqual({
      ...{ level: 'gpu', id: 's1/0', quantity: 'throttle_reasons', value: 0x40 },
    });
    await look(still);
    expect((await readFile(log, 'utf8')).trim().split('\n')).toHaveLength(4);
  });

  it.each([
    [
      'no driver',
      'echo "NVIDIA-SMI has failed because it could not communicate."; exit 9',
      'has failed',
    ],
    ['no GPU', 'echo "No devices were found"', 'no GPU: No devices were found'],
    ['a flood', 'exec yes "0, 61"', 'MAXBUFFER'],
  ])('fails with a sentence: %s', async (_, script, message) => {
    await expect(smiLook([await standIn(script)], 's1')(still)).rejects.toThrow(message);
  });

  it('says that the command is not there', async () => {
    await expect(smiLook([join(folder, 'nowhere')], 's1')(still)).rejects.toThrow('ENOENT');
  });

  it('kills a command that does not end', async () => {
    const pidFile = join(folder, 'pid');
    const path = await standIn(`echo $$ > ${pidFile}\nexec sleep 600`);
    const stop = new AbortController();
    const reports: SourceReport[] = [];
    const source = pollingSource(
      {
        ...{ name: 'smi', kind: 'nvidia_smi', everyMs: 10, timeoutMs: 300, backoffMsMax: 10 },
        look: smiLook([path], 's1'),
      },
      manualClock(),
      () => {
        stop.abort();
        return Promise.resolve();
      },
    );
    await source.start((report) => reports.push(report), stop.signal);
    expect(reports).toEqual([{ kind: 'failed', problem: 'No answer within 300 ms.' }]);
    const { text } = await runCommand(
      ['sh', '-c', `tail --pid=$(cat ${pidFile}) -f /dev/null; echo gone`],
      AbortSignal.timeout(10_000),
    );
    expect(text).toBe('gone\n');
  });
});

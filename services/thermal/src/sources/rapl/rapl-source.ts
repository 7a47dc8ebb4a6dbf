import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Clock } from '@isotherm/kernel';
import type { RawReading } from '../../telemetry/reading.ts';
import type { Look } from '../polling/polling-source.ts';
import { createEnergyCounter } from './rapl-energy.ts';

/** What the watts of a machine's processors are of. */
export type RaplTarget =
  /** Package N is GPU N of the server: of a machine whose engines run on its processors. */
  | { readonly kind: 'gpus' }
  /** All packages and what the rest of the machine draws together are the server's. */
  | { readonly kind: 'server'; readonly baseW: number };

interface Domain {
  readonly folder: string;
  /** `package-0`, or `psys`: the whole platform. */
  readonly name: string;
}

/** Domains at the top: those below (`intel-rapl:0:0`, core, uncore, dram) are parts of them or beside them. */
const topDomain = /^intel-rapl:\d{1,3}$/;
const packageName = /^package-(\d{1,3})(?:-die-\d{1,3})?$/;

/** Looks at the energy counters of this machine's processors, below `root` (/sys); root may read them, others often not. */
export const raplLook = (
  root: string,
  server: string,
  target: RaplTarget,
  clock: Clock,
): ((signal: AbortSignal) => Promise<Look>) => {
  const counter = createEnergyCounter();
  let lastMs: number | undefined;

  return async () => {
    const folder = join(root, 'class/powercap');
    const domains = await domainsIn(folder);
    if (domains.length === 0) throw new Error(`${folder} has no intel-rapl domains`);
    const nowMs = clock.monotonicMs();
    const spanS = lastMs === undefined ? undefined : (nowMs - lastMs) / 1000;
    const watts = new Map<string, number>();
    for (const { folder: path, name } of domains) {
      const energy = await numberOf(join(path, 'energy_uj'));
      const range = await numberOf(join(path, 'max_energy_range_uj'));
      const joules = counter.since(path, energy, range);
      if (joules !== undefined && spanS !== undefined && spanS > 0) {
        watts.set(name, (watts.get(name) ?? 0) + joules / spanS);
      }
    }
    lastMs = nowMs;
    // Energy becomes power at the second look.
    return { readings: readingsOf(watts, server, target) };
  };
};

const readingsOf = (
  watts: ReadonlyMap<string, number>,
  server: string,
  target: RaplTarget,
): readonly RawReading[] => {
  const packages = [...watts].flatMap(([name, value]) => {
    const index = packageName.exec(name)?.[1];
    return index === undefined ? [] : [{ index, value }];
  });
  if (target.kind === 'gpus') {
    const sums = new Map<string, number>();
    for (const { index, value } of packages) sums.set(index, (sums.get(index) ?? 0) + value);
    return [...sums].map(([index, value]) => ({
      ...{ level: 'gpu', id: `${server}/${index}`, quantity: 'power_w', value },
    }));
  }
  const psys = watts.get('psys');
  if (psys === undefined && packages.length === 0) return [];
  const sum = packages.reduce((all, { value }) => all + value, 0);
  // The whole platform's own counter has the rest in it.
  const value = psys ?? sum + target.baseW;
  return [{ level: 'server', id: server, quantity: 'power_w', value }];
};

const domainsIn = async (folder: string): Promise<readonly Domain[]> => {
  const names = await readdir(folder).catch((): string[] => []);
  const domains: Domain[] = [];
  for (const each of names.filter((name) => topDomain.test(name)).sort()) {
    const path = join(folder, each);
    const name = await readFile(join(path, 'name'), 'utf8').catch(() => '');
    domains.push({ folder: path, name: name.trim() });
  }
  return domains;
};

/** Throws where it may not be read: that is for an operator to mend, not a gap in the readings. */
const numberOf = async (path: string): Promise<number> => {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (cause) {
    const { code } = cause as { code?: string };
    const hint = code === 'EACCES' ? ': only root may read it (CAP_DAC_READ_SEARCH)' : '';
    throw new Error(`${path}: ${code ?? 'cannot be read'}${hint}`, { cause });
  }
  return /^\d{1,20}\s*$/.test(text) ? Number(text) : Number.NaN;
};

import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { readTextFile } from '@isotherm/runtime/yaml-file';
import { parseServeGenClient, type ServeGenClient } from '@isotherm/simulator';

export interface ReadClients {
  readonly clients: readonly ServeGenClient[];
  readonly problems: readonly string[];
  /** All that was read. */
  readonly text: string;
}

/** More would be another kind of folder. */
const clientsMax = 10_000;

/** Reads a folder of ServeGen: `chunk-N-trace.csv` and `chunk-N-dataset.json` of each client N, in their order. */
export const readClients = async (folder: string): Promise<ReadClients> => {
  const clients: ServeGenClient[] = [];
  const problems: string[] = [];
  const texts: string[] = [];
  try {
    const numbers = (await readdir(folder))
      .flatMap((name) => /^chunk-(\d{1,9})-trace\.csv$/.exec(name)?.[1] ?? [])
      .map(Number)
      .toSorted((a, b) => a - b)
      .slice(0, clientsMax);
    if (numbers.length === 0) problems.push(`${folder} has no chunk-N-trace.csv`);
    for (const number of numbers) {
      const trace = await readTextFile(join(folder, `chunk-${number}-trace.csv`));
      const dataset = await readTextFile(join(folder, `chunk-${number}-dataset.json`));
      texts.push(trace, dataset);
      const parsed = parseServeGenClient(trace, dataset);
      if (parsed.kind === 'ok') clients.push(parsed.client);
      else problems.push(`${folder}: chunk ${number}: ${parsed.reason}`);
    }
  } catch (thrown) {
    problems.push(thrown instanceof Error ? thrown.message : String(thrown));
  }
  return { clients, problems, text: texts.join('') };
};

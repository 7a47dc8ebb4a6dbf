import { createHash } from 'node:crypto';
import { dirname, resolve } from 'node:path';
import { checkModelProfile, type DocumentProblem, type ModelProfile } from '@isotherm/kernel';
import { checkRoomPlan, parseEpw, type RoomPlan } from '@isotherm/plant';
import { parseYaml, readTextFile } from '@isotherm/runtime/yaml-file';
import {
  checkExperiment,
  type ExperimentDocument,
  type ExperimentFiles,
  parseTrace,
  referenceProblems,
  type ServeGenClient,
  type Trace,
} from '@isotherm/simulator';
import { CommandError } from '../exit-code.ts';
import { readClients } from './read-clients.ts';

/** An experiment with all that it names, or everything that is wrong with it. */
export type ReadExperiment =
  | {
      readonly kind: 'ok';
      readonly document: ExperimentDocument;
      readonly files: ExperimentFiles;
      /** Of all that was read: saved results of other texts are of another experiment. */
      readonly fingerprint: string;
    }
  | { readonly kind: 'refused'; readonly problems: readonly DocumentProblem[] };

/** A week of a million requests. */
const traceBytesMax = 256 << 20;

/** Reads and checks an experiment and the files beside it that it names. Throws where the first cannot be read. */
export const readExperiment = async (path: string): Promise<ReadExperiment> => {
  const digest = createHash('sha256');
  const text = await readTextFile(path).catch((cause: unknown) => {
    throw new CommandError(messageOf(cause), { cause });
  });
  digest.update(text);
  const checked = checkExperiment(parsed(text, path));
  if (checked.kind === 'refused') return checked;
  const { experiment: document } = checked;
  const problems: DocumentProblem[] = [];
  /** What a file has in it, or a problem at the place that names it. */
  const read = async <Value>(
    where: string,
    file: string,
    parse: (content: string, full: string) => Value | DocumentProblem[],
    bytesMax?: number,
  ): Promise<Value | undefined> => {
    try {
      const full = fileAt(path, file);
      const content = await readTextFile(full, bytesMax);
      digest.update(content);
      const value = parse(content, full);
      if (!Array.isArray(value)) return value;
      problems.push(...value.map((each) => ({ ...each, path: `${where} → ${each.path}` })));
    } catch (thrown) {
      problems.push({ path: where, message: messageOf(thrown) });
    }
    return undefined;
  };
  const profiles = new Map<string, ModelProfile>();
  const traces = new Map<string, Trace>();
  const clients = new Map<string, readonly ServeGenClient[]>();
  const readFolder = async (where: string, file: string): Promise<void> => {
    if (clients.has(file)) return;
    try {
      const found = await readClients(fileAt(path, file));
      digest.update(found.text);
      clients.set(file, found.clients);
      problems.push(...found.problems.map((message) => ({ path: where, message })));
    } catch (thrown) {
      problems.push({ path: where, message: messageOf(thrown) });
    }
  };
  for (const [index, { profile, requests }] of document.deployments.entries()) {
    const found = await read(`deployments[${index}].profile`, profile, profileIn);
    if (found !== undefined) profiles.set(profile, found);
    if (requests.week?.day.kind === 'servegen') {
      await readFolder(`deployments[${index}].requests.week.servegen`, requests.week.day.file);
    }
    if (requests.kind !== 'trace') continue;
    const where = `deployments[${index}].requests.trace`;
    if (requests.format === 'servegen') {
      await readFolder(where, requests.file);
      continue;
    }
    const trace = await read(where, requests.file, traceIn(requests.format), traceBytesMax);
    if (trace !== undefined) traces.set(requests.file, trace);
  }
  const plan = document.room?.plan;
  const room = plan?.kind === 'file' ? await read('room.file', plan.file, planIn) : undefined;
  const outside = room?.outside;
  const hourlyC =
    plan?.kind === 'file' && outside?.kind === 'epw'
      ? await read('room.file → outside.file', resolve(dirname(plan.file), outside.file), weatherIn)
      : document.room?.weather === undefined
        ? undefined
        : await read('room.weather.file', document.room.weather.file, weatherIn);
  const files = {
    ...{ profiles, traces, clients },
    ...(room !== undefined && { plan: room }),
    ...(hourlyC !== undefined && { hourlyC: hourlyC.values }),
  };
  problems.push(...referenceProblems(document, files));
  if (problems.length > 0) return { kind: 'refused', problems };
  return { kind: 'ok', document, files, fingerprint: digest.digest('hex').slice(0, 16) };
};

const dataPrefix = 'data:';
/** Where data lie that the project does not own. */
const dataSetting = 'ISOTHERM_DATA_DIR';

/** Files are named as seen from the experiment; `data:` ones as seen from a folder that the reader has to have. */
const fileAt = (experiment: string, file: string): string => {
  if (!file.startsWith(dataPrefix)) return resolve(dirname(experiment), file);
  const folder = process.env[dataSetting];
  if (folder === undefined || folder === '') {
    throw new Error(
      `${file} is not ours to ship: set ${dataSetting} to a folder that has it; where to get it stands in the experiment's head`,
    );
  }
  return resolve(folder, file.slice(dataPrefix.length));
};

const parsed = (text: string, path: string): unknown => {
  try {
    return parseYaml(text, path);
  } catch (cause) {
    throw new CommandError(messageOf(cause), { cause });
  }
};

const profileIn = (text: string, path: string): ModelProfile | DocumentProblem[] => {
  const checked = checkModelProfile(parseYaml(text, path));
  return checked.kind === 'ok' ? checked.profile : [...checked.problems];
};

const planIn = (text: string, path: string): RoomPlan | DocumentProblem[] => {
  const checked = checkRoomPlan(parseYaml(text, path));
  return checked.kind === 'ok' ? checked.plan : [...checked.problems];
};

const weatherIn = (text: string): { values: readonly number[] } | DocumentProblem[] => {
  const weather = parseEpw(text);
  return weather.kind === 'ok'
    ? { values: weather.hourlyC }
    : [{ path: 'weather', message: weather.reason }];
};

const traceIn =
  (format: Parameters<typeof parseTrace>[1]) =>
  (text: string): Trace | DocumentProblem[] => {
    const trace = parseTrace(text, format);
    return trace.kind === 'ok' ? trace.trace : [{ path: 'trace', message: trace.reason }];
  };

const messageOf = (thrown: unknown): string =>
  thrown instanceof Error ? thrown.message : String(thrown);

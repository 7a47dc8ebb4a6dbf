import { dirname, resolve } from 'node:path';
import {
  type DocumentProblem,
  type DocumentReader,
  documentReader,
  Fault,
  cycleProblem,
  type ModelProfile,
} from '@isotherm/kernel';
import type { Fabric, Traffic } from '@isotherm/policy';
import { readModelProfile } from '@isotherm/runtime/profile-file';
import { parseYaml, readTextFile } from '@isotherm/runtime/yaml-file';
import { CommandError } from '../exit-code.ts';

/** What a person asks of a deployment: a profile, the traffic, what must be kept, and what there is. */
export interface Deployment {
  readonly profileFile: string;
  readonly profile: ModelProfile;
  readonly traffic: Traffic;
  readonly fabric: Fabric;
}

const ranges = {
  rate: { min: 0, max: 1e6 },
  tokens: { min: 0, max: 1e8 },
  ms: { min: 0.001, max: 3.6e6 },
  size: { min: 1, max: 4096 },
  bytesPerS: { min: 1, max: 1e15 },
} as const;

/** A server of eight GPUs, and links of 100 Gbit/s between instances. */
const fabricDefaults: Fabric = { serverSize: 8, bytesPerS: 12.5e9 };

/** Reads a deployment's file and the profile that it names, beside it. Throws with all that is wrong. */
export const readDeployment = async (path: string): Promise<Deployment> => {
  const reader = documentReader();
  const value = await readYaml(path);
  const cycle = cycleProblem(value);
  if (cycle !== undefined) reader.problem(cycle.path, cycle.message);
  const fields = reader.object(cycle === undefined ? value : {}, '', [
    ...['profile', 'traffic', 'targets', 'server_size', 'bytes_per_s'],
  ]);
  const file = reader.text(fields['profile'], 'profile', 500);
  const partial = readTraffic(reader, fields);
  const { size, bytesPerS } = ranges;
  const optional = (key: string, range: typeof size | typeof bytesPerS, fallback: number): number =>
    reader.number(fields[key] ?? fallback, key, range);
  const fabric = {
    serverSize: optional('server_size', size, fabricDefaults.serverSize),
    bytesPerS: optional('bytes_per_s', bytesPerS, fabricDefaults.bytesPerS),
  };
  if (reader.problems.length > 0) throw refused(path, reader.problems);
  const profileFile = resolve(dirname(path), file);
  const profile = await readProfile(profileFile);
  const mediaTokens = partial.mediaTokens ?? profile.shape.imageTokens;
  return { profileFile, profile, traffic: { ...partial, mediaTokens }, fabric };
};

type PartialTraffic = Omit<Traffic, 'mediaTokens'> & { readonly mediaTokens: number | undefined };

const readTraffic = (
  reader: DocumentReader,
  fields: Readonly<Record<string, unknown>>,
): PartialTraffic => {
  const traffic = reader.object(fields['traffic'], 'traffic', [
    ...['requests_per_s', 'media_per_request', 'media_tokens', 'text_tokens', 'answer_tokens'],
  ]);
  const targets = reader.object(fields['targets'], 'targets', ['first_token_ms', 'token_ms']);
  const { rate, tokens, ms } = ranges;
  const given = (key: string, range: typeof rate | typeof tokens): number =>
    reader.number(traffic[key], `traffic.${key}`, range);
  return {
    requestsPerS: given('requests_per_s', rate),
    mediaPerRequest: given('media_per_request', rate),
    mediaTokens: reader.optionalNumber(traffic['media_tokens'], 'traffic.media_tokens', tokens),
    textTokens: given('text_tokens', tokens),
    answerTokens: given('answer_tokens', tokens),
    firstTokenMs: reader.number(targets['first_token_ms'], 'targets.first_token_ms', ms),
    tokenMs: reader.number(targets['token_ms'], 'targets.token_ms', ms),
  };
};

const refused = (path: string, problems: readonly DocumentProblem[]): CommandError => {
  const lines = problems.map(({ path: where, message }) => `${where || 'the file'}: ${message}`);
  return new CommandError(`${path} is no plan of a deployment: ${lines.join('; ')}.`);
};

const readYaml = async (path: string): Promise<unknown> => {
  try {
    return parseYaml(await readTextFile(path), path);
  } catch (cause) {
    throw new CommandError(cause instanceof Error ? cause.message : String(cause), { cause });
  }
};

const readProfile = async (path: string): Promise<ModelProfile> => {
  try {
    return await readModelProfile(path);
  } catch (cause) {
    throw new CommandError(cause instanceof Fault ? cause.message : String(cause), { cause });
  }
};

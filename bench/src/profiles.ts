/**
 * Derives the profiles of deploy/profiles from published figures, and says how far the lines in them are off what they follow.
 *
 * It reads data that the project does not own (ISOTHERM_DATA_DIR, else shared/data beside the repository; where to get them:
 * README.md): without them it says so, prints `{"skipped":true,…}` and ends with status 0.
 * - `study_profiles`: models of the ModServe study; what of them is published, derived or assumed is in the files' sources.
 * - `serving_profiles`, `serving_entries`: models and choices of hardware of The ML.ENERGY Leaderboard.
 * - `token_time_error_share`, `power_error_share`: mean |error| ÷ measured of the lines in those, on what they were fitted to.
 *
 * `--write` writes deploy/profiles; `--all FOLDER` writes those of every language task of the leaderboard to a folder of yours.
 * Its licence is not stated, so that the repository keeps lines of the picture task alone, rounded, with its citation.
 */
import { existsSync } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { checkModelProfile, type ModelProfile, profileDocument } from '@isotherm/kernel';
import { formatYaml } from '@isotherm/runtime/yaml-file';
import { type DerivedServing, deriveServingProfiles } from './profiles/derive-serving.ts';
import { deriveStudyProfile, type StudyFigures } from './profiles/derive-study.ts';
import { parsePromptTimes } from './profiles/prompt-times.ts';
import { parseServingPoints, servingLine, type ServingPoint } from './profiles/serving-lines.ts';
import { studyModels } from './profiles/study-models.ts';
import { environment } from './report/environment.ts';
import { round } from './report/percentiles.ts';
import { repositoryRoot } from './report/repository.ts';
import { report, say } from './report/result.ts';

const { values } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    write: { type: 'boolean', default: false },
    all: { type: 'string' },
  },
});
const dataFolder = resolve(
  process.env['ISOTHERM_DATA_DIR'] ?? join(repositoryRoot, '..', 'shared', 'data'),
);
const promptFile = join(dataFolder, 'splitwise-sim', 'perf_model.csv');
const taskFile = (task: string): string => join(dataFolder, 'ml-energy', `${task}.json`);
const languageTasks = ['lm-arena-chat', 'image-chat', 'video-chat', 'gpqa', 'sourcegraph-fim'];
const pictureTask = 'image-chat';
/** Lines of more sequences bend: memory is full, and waiting begins. */
const sequencesMax = 260;

const head = [
  'Written by `npm run bench -- profiles --write`; not to be edited. Where each figure is from: sources.',
  'The format: docs/profiles.md.',
];

const readTask = async (task: string): Promise<readonly ServingPoint[]> =>
  parseServingPoints(await readFile(taskFile(task), 'utf8'));

const writeProfile = async (folder: string, profile: ModelProfile): Promise<void> => {
  const document = profileDocument(profile);
  const checked = checkModelProfile(document);
  if (checked.kind === 'refused') throw new Error(JSON.stringify(checked.problems));
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, `${profile.name}.yaml`), formatYaml(document, head));
};

const studyFigures = (text: string, chat: readonly ServingPoint[]): StudyFigures => {
  const reference = (nickname: string, gpus: number, parametersB: number) => {
    const line = servingLine(
      chat.filter(
        (point) =>
          point.nickname === nickname &&
          point.gpu === 'H100' &&
          point.gpus === gpus &&
          point.sequences < sequencesMax,
      ),
    );
    if (line === undefined) throw new Error(`${nickname} is not among the data`);
    return { line, parametersB, gpus };
  };
  return {
    prompts: parsePromptTimes(text),
    decode: {
      'llama-3.1-8b': reference('Llama 3.1 8B Instruct', 1, 8.03),
      'qwen-3-14b': reference('Qwen 3 14B', 1, 14.8),
      'llama-3.1-70b': reference('Llama 3.1 70B Instruct', 4, 70.6),
    },
  };
};

/** NVLM-D's first: LLaVA-OneVision's encoders are timed by it. */
const deriveStudy = (figures: StudyFigures): readonly ModelProfile[] => {
  const internVit = studyModels.find(({ name }) => name === 'nvlm-d-72b');
  if (internVit === undefined) throw new Error('the study has NVLM-D');
  const encode = deriveStudyProfile(internVit, figures).stages.find(
    ({ name }) => name === `encode-${internVit.studyGpus}`,
  );
  const internVitMs = encode?.points.find(({ batch, tokens }) => {
    return batch === 1 && tokens === internVit.imageTokens;
  })?.latencyMs;
  if (internVitMs === undefined) throw new Error('NVLM-D has an encoder');
  return studyModels.map((model) => deriveStudyProfile(model, { ...figures, internVitMs }));
};

const meanOf = (derived: readonly DerivedServing[], of: 'timeErrorShare' | 'powerErrorShare') => {
  const lines = derived.flatMap(({ lines: own }) => own);
  return lines.reduce((sum, line) => sum + line[of], 0) / lines.length;
};

const derive = async (): Promise<void> => {
  const points = new Map<string, readonly ServingPoint[]>();
  for (const task of languageTasks) points.set(task, await readTask(task));
  const of = (task: string): readonly ServingPoint[] =>
    (points.get(task) ?? []).filter(({ sequences }) => sequences < sequencesMax);
  const study = deriveStudy(studyFigures(await readFile(promptFile, 'utf8'), of('lm-arena-chat')));
  const serving = deriveServingProfiles(of(pictureTask));
  const folder = join(repositoryRoot, 'deploy', 'profiles');
  if (values.write) {
    for (const profile of study) await writeProfile(join(folder, 'study'), profile);
    for (const { profile } of serving) await writeProfile(join(folder, 'ml-energy'), profile);
    say('wrote deploy/profiles');
  }
  if (values.all !== undefined) {
    for (const task of languageTasks) {
      for (const { profile } of deriveServingProfiles(of(task))) {
        await writeProfile(join(values.all, task), profile);
      }
    }
    say(`wrote ${values.all}`);
  }
  for (const profile of study) say(firstTokenLine(profile));
  await report(
    'profiles',
    values.quick,
    {
      study_profiles: study.length,
      serving_profiles: serving.length,
      serving_entries: serving.reduce((sum, { profile }) => sum + profile.stages.length, 0),
      token_time_error_share: round(meanOf(serving, 'timeErrorShare')),
      power_error_share: round(meanOf(serving, 'powerErrorShare')),
    },
    environment(),
  );
};

/** What a picture and a short text take on the study's GPUs, for a look. */
const firstTokenLine = ({ name, shape, stages }: ModelProfile): string => {
  const at = (stage: string, tokens: number): string => {
    const last = stages.findLast((entry) => entry.stage === stage);
    const point = last?.points.find((each) => each.batch === 1 && each.tokens >= tokens);
    return `${stage} ${round(point?.latencyMs ?? 0)} ms of ${point?.tokens} on ${last?.gpus}`;
  };
  return `${name}: ${at('encode', shape.imageTokens)}, ${at('prefill', 512)}, ${at('decode', 1)}`;
};

const missing = [promptFile, ...languageTasks.map(taskFile)].filter((file) => !existsSync(file));
if (missing.length > 0) {
  say('skipped: no data in the folder (ISOTHERM_DATA_DIR). Where to get them: bench/README.md');
  process.stdout.write(`${JSON.stringify({ skipped: true, missing: missing.length })}\n`);
} else {
  await derive();
}

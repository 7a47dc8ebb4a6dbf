import { writeFile } from 'node:fs/promises';
import { arch, availableParallelism, cpus, loadavg, platform } from 'node:os';
import { basename, resolve } from 'node:path';
import { isPrecision, type Precision, precisions } from '@isotherm/engine';
import { processorEnergy } from '@isotherm/engine/measure';
import { loadTextModel } from '@isotherm/engine/text';
import { type ModelProfile, profileDocument, type ProfileEntry } from '@isotherm/kernel';
import { formatYaml } from '@isotherm/runtime/yaml-file';
import { shippedModelDir } from '@isotherm/stack';
import { CommandError } from '../exit-code.ts';
import { terminalOf } from '../show/terminal.ts';
import { measureModel, type ModelRun, measuredHere } from './measure-model.ts';
import { noisePictures } from './pictures.ts';
import { summaryLines } from './summary-lines.ts';
import { gridFor } from './what-to-measure.ts';

export interface ProfileFlags {
  readonly precision: readonly string[];
  readonly threads: readonly number[];
  readonly output?: string;
  readonly seconds: number;
  readonly quick?: boolean;
  readonly json?: boolean;
}

/** Seconds a point in a quick run. */
const quickSeconds = 0.05;

/** `isotherm profile`: measures the stages of a model on this machine's engines, and writes a profile of them. */
export const profile = async (model: string | undefined, flags: ProfileFlags): Promise<void> => {
  const modelDir = resolve(model ?? shippedModelDir);
  const wanted = flags.precision.map(precisionOf);
  const interrupt = new AbortController();
  const onInterrupt = (): void => interrupt.abort(new CommandError('Interrupted.'));
  process.once('SIGINT', onInterrupt);
  try {
    const measured = await measure(modelDir, wanted, flags, interrupt.signal);
    const file = flags.output ?? `${measured.name}.profile.yaml`;
    await writeFile(file, formatYaml(profileDocument(measured), head));
    const terminal = terminalOf(process.stdout);
    if (flags.json === true) terminal.line(JSON.stringify({ file, ...profileDocument(measured) }));
    else for (const line of summaryLines(measured, file)) terminal.line(line);
  } finally {
    process.off('SIGINT', onInterrupt);
  }
};

const head = ['Written by `isotherm profile`. The format: docs/profiles.md.'];

const precisionOf = (text: string): Precision => {
  if (isPrecision(text)) return text;
  throw new CommandError(`There is no precision ${text}; there are ${precisions.join(', ')}.`, {
    usage: true,
  });
};

const measure = async (
  modelDir: string,
  wanted: readonly Precision[],
  flags: ProfileFlags,
  signal: AbortSignal,
): Promise<ModelProfile> => {
  const quick = flags.quick === true;
  const text = await loadTextModel(modelDir);
  const { facts } = text;
  const grid = gridFor(facts, quick);
  const pictures = facts.modalities.includes('image')
    ? await noisePictures(text, grid.sidesPx, Math.max(...grid.encodeBatches))
    : [];
  const energy = processorEnergy();
  const hasEnergy = (await energy.joules()) !== undefined;
  const say = (line: string): void => void process.stderr.write(`${line}\n`);
  if (!hasEnergy)
    say('No energy counters of processors (RAPL) here: the profile is without power.');
  const stages: ProfileEntry[] = [];
  for (const precision of wanted) {
    for (const threads of flags.threads) {
      const run: ModelRun = {
        ...{ modelDir, text, precision, threads, grid, pictures, energy, signal },
        secondsEach: quick ? quickSeconds : flags.seconds,
        onPoint: (stage, { batch, tokens, latencyMs }) =>
          say(
            `${stage} ${precision} ${threads} threads: ${batch} × ${tokens} tokens ${latencyMs.toFixed(2)} ms`,
          ),
        onLoad: (stage, { doneTokensPerS, p50Ms, p99Ms }) =>
          say(
            `${stage} ${precision} ${threads} threads: ${doneTokensPerS.toFixed(0)} tokens/s, p50 ${p50Ms.toFixed(1)} ms, p99 ${p99Ms.toFixed(1)} ms`,
          ),
      };
      stages.push(...(await measureModel(run)));
    }
  }
  const imageTokens = pictures[0]?.[0]?.tokens ?? 1;
  return {
    name: idOf(basename(modelDir)),
    model: facts.name,
    reading: facts.architecture,
    sources: [{ id: measuredHere, kind: 'measured', text: sourceText(hasEnergy, quick) }],
    shape: {
      contextMaxTokens: facts.contextMax,
      imageTokens,
      hiddenSize: facts.hiddenSize,
      kvBytesPerToken: facts.kvBytesPerToken,
    },
    stages,
  };
};

const idOf = (text: string): string =>
  text
    .toLowerCase()
    .replaceAll(/[^a-z0-9.]+/g, '-')
    .replaceAll(/^[-.]+|-+$/g, '')
    .slice(0, 64) || 'model';

const sourceText = (hasEnergy: boolean, quick: boolean): string => {
  const processor = cpus()[0]?.model.trim() ?? 'unknown processor';
  const day = new Date().toISOString().slice(0, 10);
  const load = (loadavg()[0] ?? 0).toFixed(1);
  return (
    `isotherm profile${quick ? ' --quick, which is no measurement' : ''}, ${day}: ${processor}, ${availableParallelism()} cores,` +
    ` ${platform()} ${arch()}, Node ${process.version}, load ${load} at the end. Medians of units of work in one process, one` +
    ` stage at a time; load: random arrivals. start_s is opening the engine alone. ` +
    (hasEnergy
      ? 'power_w: of whole processors (RAPL), whatever else they did.'
      : 'No power: this machine counts no energy.')
  );
};

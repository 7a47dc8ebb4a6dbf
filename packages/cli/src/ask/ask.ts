import type { MessageInput, Usage } from '@isotherm/proto';
import { stageTable } from '../show/stage-table.ts';
import { terminalOf } from '../show/terminal.ts';
import { findRouter } from '../state/find-router.ts';
import { answerJson } from './answer-json.ts';
import { type Answer, generate } from './generate.ts';
import { type Medium, mediumPart, readMedium } from './medium.ts';

export interface SamplingOptions {
  readonly model?: string;
  readonly maxTokens?: number;
  readonly temperature?: number;
  readonly seed?: number;
  readonly timeout?: number;
}

export interface AskOptions extends SamplingOptions {
  readonly address?: string;
  readonly verbose?: boolean;
  readonly json?: boolean;
}

/** A turn of the user: media first, as most models were trained. */
export const userMessage = (text: string, media: readonly Medium[]): MessageInput => ({
  role: 'user',
  parts: [...media.map(mediumPart), { text, part: 'text' }],
});

/** `isotherm ask`: one question about some files, or about none where there is only `-`. */
export const ask = async (
  files: readonly string[],
  question: string,
  options: AskOptions,
): Promise<void> => {
  const given = files.length === 1 && files[0] === '-' ? [] : files;
  const media = await Promise.all(given.map((file) => readMedium(file)));
  const address = findRouter(options.address);
  const terminal = terminalOf(process.stdout);
  const streams = options.json !== true;
  const answer = await generate({
    ...options,
    address,
    messages: [userMessage(question, media)],
    ...(streams && { onText: (text: string) => terminal.foreign(text) }),
  });
  if (!streams) return terminal.line(JSON.stringify(answerJson(answer)));
  terminal.line();
  if (answer.finished.finishReason === 'length') {
    process.stderr.write('isotherm: The answer was cut at its longest; see --max-tokens.\n');
  }
  if (options.verbose === true) for (const line of timeLines(answer)) terminal.line(line);
};

/** The stage table and the whole. */
export const timeLines = ({ finished, firstTextMs, totalMs }: Answer): readonly string[] => {
  const { promptTokens = 0, completionTokens = 0 } = finished.usage ?? {};
  return [
    '',
    ...stageTable(finished.stages),
    '',
    `first text ${firstTextMs.toFixed(0)} ms, all ${totalMs.toFixed(0)} ms; ` +
      `prompt ${promptTokens} tokens, ${countsText(finished)}, answer ${completionTokens}` +
      (finished.migrations === 0 ? '' : `; moved ${finished.migrations} times`),
  ];
};

/** What the prompt's tokens are; a server that runs a whole model does not tell them apart. */
const countsText = ({ tokenCounts, usage }: Answer['finished']): string => {
  switch (tokenCounts) {
    case 'reported':
      return 'as its server counts them';
    case 'estimated':
      return 'estimated';
    default:
      return `encoded ${mediaTokens(usage)}`;
  }
};

/** Tokens that encoders made of each kind of medium; how many of them the prompt holds is the model's affair. */
const mediaTokens = (usage: Usage | null): string => {
  const { imageTokens = 0, audioTokens = 0, videoTokens = 0 } = usage ?? {};
  const kinds = [
    [imageTokens, 'pictures'],
    [audioTokens, 'sounds'],
    [videoTokens, 'clips'],
  ] as const;
  const taken = kinds.filter(([tokens]) => tokens > 0);
  return taken.map(([tokens, name]) => `${tokens} of ${name}`).join(', ') || 'none';
};

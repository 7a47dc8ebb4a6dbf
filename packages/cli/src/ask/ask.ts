import type { MessageInput, PartInput } from '@isotherm/proto';
import { stageTable } from '../show/stage-table.ts';
import { terminalOf } from '../show/terminal.ts';
import { findRouter } from '../state/find-router.ts';
import { answerJson } from './answer-json.ts';
import { type Answer, generate } from './generate.ts';
import { readPicture } from './picture.ts';

export interface SamplingOptions {
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

/** A turn of the user: pictures first, as most models were trained. */
export const userMessage = (text: string, pictures: readonly Uint8Array[]): MessageInput => {
  const parts = pictures.map((image): PartInput => ({ image, part: 'image' }));
  return { role: 'user', parts: [...parts, { text, part: 'text' }] };
};

/** `isotherm ask`: one question about one picture, or about none where the picture is `-`. */
export const ask = async (
  picture: string,
  question: string,
  options: AskOptions,
): Promise<void> => {
  const pictures = picture === '-' ? [] : [await readPicture(picture)];
  const address = findRouter(options.address);
  const terminal = terminalOf(process.stdout);
  const streams = options.json !== true;
  const answer = await generate({
    ...options,
    address,
    messages: [userMessage(question, pictures)],
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
  const { promptTokens = 0, imageTokens = 0, completionTokens = 0 } = finished.usage ?? {};
  return [
    '',
    ...stageTable(finished.stages),
    '',
    `first text ${firstTextMs.toFixed(0)} ms, all ${totalMs.toFixed(0)} ms; ` +
      `prompt ${promptTokens} tokens (${imageTokens} of the picture), answer ${completionTokens}` +
      (finished.migrations === 0 ? '' : `; moved ${finished.migrations} times`),
  ];
};

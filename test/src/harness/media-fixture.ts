import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Modality } from '@isotherm/engine';
import { repositoryRoot } from './repository.ts';

const folder = join(repositoryRoot, 'test', 'fixtures', 'panel-media');

/** A held-out question about pictures, sounds and clips, in the order given. See fixtures/make.sh. */
export interface MediaQuestion {
  readonly media: readonly MediaFile[];
  readonly family: string;
  readonly question: string;
  readonly answer: string;
}

export interface MediaFile {
  readonly kind: Modality;
  readonly file: string;
  readonly bytes: Uint8Array;
}

export const mediaQuestions = (): readonly MediaQuestion[] =>
  readFileSync(join(folder, 'questions.jsonl'), 'utf8')
    .trim()
    .split('\n')
    .map((line) => {
      const question = JSON.parse(line) as MediaQuestion;
      const media = question.media.map(({ kind, file }): MediaFile => {
        const bytes = readFileSync(join(folder, file));
        return { kind, file, bytes };
      });
      return { ...question, media };
    });

/** A medium as a part of an HTTP request. */
export const httpPart = ({ kind, file, bytes }: MediaFile): object => {
  const data = Buffer.from(bytes).toString('base64');
  const extension = file.split('.').at(-1) ?? '';
  switch (kind) {
    case 'image':
      return { type: 'image_url', image_url: { url: `data:image/${extension};base64,${data}` } };
    case 'audio':
      return { type: 'input_audio', input_audio: { data, format: extension } };
    case 'video':
      return { type: 'video_url', video_url: { url: `data:image/${extension};base64,${data}` } };
    default:
      return kind satisfies never;
  }
};

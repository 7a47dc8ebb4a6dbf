import type { ChatBody } from './chat-client.ts';

/** A question to a model, with or without a picture (a PNG file), or with media of any kinds. */
export interface Question {
  readonly text: string;
  readonly image?: Uint8Array;
  readonly media?: readonly AskedMedium[];
  /** Most tokens of the answer. */
  readonly tokensMax: number;
}

/** A PNG picture, a WAV sound, or a clip as PNG frames. */
export interface AskedMedium {
  readonly kind: 'image' | 'audio' | 'video';
  readonly files: readonly Uint8Array[];
}

/** A question in OpenAI's form; the picture as a data URL, a clip as a list of frames. */
export const chatBody = ({ text, image, media = [], tokensMax }: Question): ChatBody => {
  const parts = [...(image === undefined ? [] : [imagePart(image)]), ...media.map(mediumPart)];
  const content = parts.length === 0 ? text : [...parts, { type: 'text', text }];
  return { messages: [{ role: 'user', content }], max_tokens: tokensMax };
};

const imagePart = (png: Uint8Array): object => ({
  type: 'image_url',
  image_url: { url: `data:image/png;base64,${Buffer.from(png).toString('base64')}` },
});

const mediumPart = ({ kind, files }: AskedMedium): object => {
  const [first = ''] = files.map((file) => Buffer.from(file).toString('base64'));
  switch (kind) {
    case 'image':
      return { type: 'image_url', image_url: { url: `data:image/png;base64,${first}` } };
    case 'audio':
      return { type: 'input_audio', input_audio: { data: first, format: 'wav' } };
    case 'video': {
      const frames = files.map((file) => Buffer.from(file).toString('base64')).join(',');
      return { type: 'video_url', video_url: { url: `data:video/jpeg;base64,${frames}` } };
    }
    default:
      return kind satisfies never;
  }
};

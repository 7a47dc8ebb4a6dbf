import type { ChatBody } from './chat-client.ts';

/** A question to a model, with or without a picture (a PNG file). */
export interface Question {
  readonly text: string;
  readonly image?: Uint8Array;
  /** Most tokens of the answer. */
  readonly tokensMax: number;
}

/** A question in OpenAI's form; the picture as a data URL. */
export const chatBody = ({ text, image, tokensMax }: Question): ChatBody => {
  const content = image === undefined ? text : [imagePart(image), { type: 'text', text }];
  return { messages: [{ role: 'user', content }], max_tokens: tokensMax };
};

const imagePart = (png: Uint8Array): object => ({
  type: 'image_url',
  image_url: { url: `data:image/png;base64,${Buffer.from(png).toString('base64')}` },
});

import {
  createProfileTextModel,
  type PrefillOutput,
  profileDecodeEngine,
  profileEncodeEngine,
  profilePrefillEngine,
} from '@isotherm/engine';
import type { GenerateRequestInput } from '@isotherm/proto';

const never = new AbortController().signal;

/**
 * The text that the profile engines give for a request when they run here, one after the other, in
 * no time: what any disturbed run must give as well.
 */
export const profileAnswer = async (request: GenerateRequestInput): Promise<string> => {
  const text = createProfileTextModel();
  const sampling = { temperature: 0, topP: 1, seed: 0 };
  const parts = (request.messages ?? []).flatMap((message) => message.parts ?? []);
  const pictures = parts.flatMap(({ image }) => (image instanceof Uint8Array ? [image] : []));
  const { tokenIds, mediaTokens } = text.prompt(
    (request.messages ?? []).map((message) => ({
      role: 'user',
      parts: (message.parts ?? []).map((part) =>
        part.text === undefined
          ? { kind: 'image', widthPx: 8, heightPx: 8 }
          : { kind: 'text', text: part.text },
      ),
    })),
  );
  const media = pictures.map((bytes, index) => ({
    kind: 'file' as const,
    modality: 'image' as const,
    bytes,
    tokens: mediaTokens[index] ?? 0,
  }));
  const embeddings = (await profileEncodeEngine().encode(media, never)).map((outcome) => {
    if (outcome.kind === 'failed') throw outcome.fault;
    return outcome.value;
  });
  const input = { tokenIds, embeddings, sampling, tokenIndex: 0 };
  const first = await profilePrefillEngine().prefill(input, never);
  const tokens = await decoded(first, request.maxTokens ?? 1);
  const detokenizer = text.detokenizer();
  return tokens.map((token) => detokenizer.push(token)).join('') + detokenizer.end();
};

const decoded = async (first: PrefillOutput, tokensMax: number): Promise<readonly number[]> => {
  const sampling = { temperature: 0, topP: 1, seed: 0 };
  const tokens = [first.token];
  if (tokensMax === 1) return tokens;
  const engine = profileDecodeEngine();
  const { kvCache, token } = first;
  const start = { kvCache, token, tokenIndex: 0, tokensMax: tokensMax - 1, sampling };
  await engine.join('only', start);
  for (;;) {
    const [step] = await engine.step();
    if (step === undefined) return tokens;
    tokens.push(step.token);
    if (step.finish !== undefined) return tokens;
  }
};

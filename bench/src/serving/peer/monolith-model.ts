import {
  AutoModelForImageTextToText,
  AutoProcessor,
  BaseStreamer,
  env,
  InterruptableStoppingCriteria,
  RawImage,
} from '@huggingface/transformers';

export interface MonolithModelOptions {
  readonly modelDir: string;
  readonly precision: 'fp32' | 'int8';
  /** Threads inside one operator. */
  readonly threads: number;
}

export interface MonolithMessage {
  readonly role: string;
  readonly content:
    | string
    | readonly {
        readonly type: string;
        readonly text?: string;
        readonly image_url?: { readonly url: string };
      }[];
}

export interface MonolithModel {
  /** Answers greedily; gives each token's text when it is made. */
  generate(
    messages: readonly MonolithMessage[],
    tokensMax: number,
    onText: (text: string) => void,
  ): Generation;
}

export interface Generation {
  /** How many there are, when all are made. */
  readonly tokens: Promise<number>;
  /** Ends it at the next token. */
  interrupt(): void;
}

/** Tokens that end an answer. They are no text and count as no token of it, as with Isotherm. */
const endTokens = (config: { readonly eos_token_id?: number | readonly number[] | null }) =>
  new Set([config.eos_token_id ?? []].flat().map(BigInt));

/** What this file uses of the library, whose own types are looser or wider than that. */
interface Tokenizer {
  (text: string, options: object): Record<string, unknown>;
  apply_chat_template(messages: readonly object[], options: object): string;
  decode(tokens: readonly bigint[], options: object): string;
}

/** The library's own loading, templates, tokenizer, image processor and `generate`; nothing of Isotherm's. */
export const loadMonolithModel = async (options: MonolithModelOptions): Promise<MonolithModel> => {
  env.allowRemoteModels = false;
  env.allowLocalModels = true;
  const { modelDir, precision, threads } = options;
  const processor = await AutoProcessor.from_pretrained(modelDir, { local_files_only: true });
  const model = await AutoModelForImageTextToText.from_pretrained(modelDir, {
    local_files_only: true,
    device: 'cpu',
    dtype: precision,
    session_options: { intraOpNumThreads: threads, interOpNumThreads: 1 },
  });
  const tokenizer = processor.tokenizer as unknown as Tokenizer;
  const prepareImages = processor.image_processor as unknown as (
    images: readonly RawImage[],
  ) => Promise<{ readonly pixel_values: unknown }>;
  const { image_seq_length: imageTokens } = model.config as unknown as { image_seq_length: number };
  const ends = endTokens(model.generation_config as Parameters<typeof endTokens>[0]);

  const run = async (
    messages: readonly MonolithMessage[],
    tokensMax: number,
    onText: (text: string) => void,
    stopping: InterruptableStoppingCriteria,
  ): Promise<number> => {
    const images = await Promise.all(urlsIn(messages).map(pictureOf));
    const template = { add_generation_prompt: true, tokenize: false };
    const rendered = tokenizer.apply_chat_template(messages, template);
    // The library's processor expands only the first placeholder of a text.
    const text = rendered.replaceAll('<image>', '<image>'.repeat(imageTokens));
    const inputs = tokenizer(text, { add_special_tokens: false });
    const pixels = images.length === 0 ? {} : await prepareImages(images);
    const streamer = new TokenStreamer(tokenizer, ends, onText);
    const generate = model.generate.bind(model) as unknown as (options: object) => Promise<unknown>;
    await generate({
      ...inputs,
      ...('pixel_values' in pixels ? { pixel_values: pixels.pixel_values } : {}),
      max_new_tokens: tokensMax,
      do_sample: false,
      streamer,
      stopping_criteria: stopping,
    });
    return streamer.count;
  };
  return {
    generate: (messages, tokensMax, onText) => {
      const stopping = new InterruptableStoppingCriteria();
      const tokens = run(messages, tokensMax, onText, stopping);
      return { tokens, interrupt: () => stopping.interrupt() };
    },
  };
};

const urlsIn = (messages: readonly MonolithMessage[]): readonly string[] =>
  messages.flatMap(({ content }) =>
    typeof content === 'string' ? [] : content.flatMap(({ image_url: image }) => image?.url ?? []),
  );

const pictureOf = async (url: string): Promise<RawImage> => {
  const bytes = Buffer.from(url.slice(url.indexOf(',') + 1), 'base64');
  return (await RawImage.fromBlob(new Blob([bytes]))).rgb();
};

/** The library's text streamer waits for whole words; this one gives each token's text at once. */
class TokenStreamer extends BaseStreamer {
  count = 0;
  private tokens: bigint[] = [];
  private said = 0;
  private prompted = false;
  private readonly tokenizer: Tokenizer;
  private readonly ends: ReadonlySet<bigint>;
  private readonly onText: (text: string) => void;

  constructor(tokenizer: Tokenizer, ends: ReadonlySet<bigint>, onText: (text: string) => void) {
    super();
    this.tokenizer = tokenizer;
    this.ends = ends;
    this.onText = onText;
  }

  override put(value: bigint[][]): void {
    if (!this.prompted) {
      this.prompted = true;
      return;
    }
    const [tokens = []] = value;
    this.count += tokens.filter((token) => !this.ends.has(token)).length;
    this.tokens.push(...tokens);
    const text = this.tokenizer.decode(this.tokens, { skip_special_tokens: true });
    // A character whose bytes are not all there yet.
    if (text.endsWith('\uFFFD')) return;
    const piece = text.slice(this.said);
    this.said = text.length;
    if (piece !== '') this.onText(piece);
  }

  override end(): void {
    const text = this.tokenizer.decode(this.tokens, { skip_special_tokens: true });
    if (text.length > this.said) this.onText(text.slice(this.said));
  }
}

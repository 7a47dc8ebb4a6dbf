/** The HTTP API as a client sees it. */
export interface Completion {
  readonly id: string;
  readonly object: string;
  readonly model: string;
  readonly choices: readonly [
    {
      readonly message: { readonly role: string; readonly content: string };
      readonly finish_reason: string;
    },
  ];
  readonly usage: CompletionUsage;
  readonly isotherm: CompletionFacts;
}

export interface CompletionUsage {
  readonly prompt_tokens: number;
  readonly completion_tokens: number;
  readonly total_tokens: number;
  readonly prompt_tokens_details: {
    readonly image_tokens: number;
    readonly cached_tokens: number;
  };
}

export interface CompletionFacts {
  readonly token_counts: 'exact' | 'reported' | 'estimated';
  readonly migrations: number;
  readonly stages: readonly {
    readonly stage: 'encode' | 'prefill' | 'decode' | 'whole';
    readonly instance: string;
    readonly tokens: number;
    readonly total_ms: number;
    readonly engine_ms: number;
    readonly batch: number;
    readonly cached_tokens: number;
  }[];
}

export interface ErrorBody {
  readonly message: string;
  readonly type: string;
  readonly param: string | null;
  readonly code: string;
}

export type ChatOutcome =
  | { readonly kind: 'completed'; readonly completion: Completion; readonly requestId: string }
  | { readonly kind: 'refused'; readonly status: number; readonly error: ErrorBody };

export interface ChatInit {
  readonly headers?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal;
}

/**
 * Posts a body, as JSON unless it is text or bytes already. Throws when the answer is in neither of the
 * API's two forms.
 */
export const postChat = async (
  http: string,
  body: unknown,
  init: ChatInit = {},
): Promise<ChatOutcome> => {
  const response = await fetch(`${http}/v1/chat/completions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...init.headers },
    body: typeof body === 'string' || body instanceof Uint8Array ? body : JSON.stringify(body),
    ...(init.signal !== undefined && { signal: init.signal }),
  });
  const requestId = response.headers.get('x-request-id') ?? '';
  const json = (await response.json()) as Completion | { readonly error: ErrorBody };
  if ('error' in json) return { kind: 'refused', status: response.status, error: json.error };
  if (response.status !== 200) throw new Error(`Status ${response.status} without an error.`);
  return { kind: 'completed', completion: json, requestId };
};

/** Posts a body that must be answered. */
export const completionOf = async (http: string, body: object): Promise<Completion> => {
  const outcome = await postChat(http, body);
  if (outcome.kind === 'completed') return outcome.completion;
  throw new Error(`Refused with ${outcome.status}: ${JSON.stringify(outcome.error)}`);
};

export const imagePart = (bytes: Uint8Array, mimeType = 'image/webp') => ({
  type: 'image_url',
  image_url: { url: `data:${mimeType};base64,${Buffer.from(bytes).toString('base64')}` },
});

export const textPart = (text: string) => ({ type: 'text', text });

/** A body with one question about some pictures. */
export const question = (
  pictures: readonly Uint8Array[],
  text: string,
  fields: Readonly<Record<string, unknown>> = {},
): object => ({
  messages: [
    {
      role: 'user',
      content: [...pictures.map((bytes) => imagePart(bytes)), textPart(text)],
    },
  ],
  ...fields,
});

/** A chat request as both doors (HTTP and gRPC) hand it in; `param` of a part is the field as its client spells it. */
export interface ChatRequest {
  /** Empty takes the model served. */
  readonly model: string;
  readonly messages: readonly ChatMessage[];
  readonly tokensMax: number | undefined;
  readonly temperature: number;
  readonly topP: number;
  readonly seed: number | undefined;
  /** Unix time in milliseconds; undefined takes the router's default timeout. */
  readonly deadlineMs: number | undefined;
}

export interface ChatMessage {
  readonly role: 'system' | 'user' | 'assistant';
  readonly parts: readonly ChatPart[];
  readonly param: string;
}

export type ChatPart =
  | { readonly kind: 'text'; readonly text: string; readonly param: string }
  | {
      readonly kind: 'image';
      readonly bytes: Uint8Array;
      /** The type that the client declared, if it declared one. */
      readonly mimeType: string | undefined;
      readonly param: string;
    };

import { Fault } from '@isotherm/kernel';
import type { Tensor } from '../contract.ts';

/** Kinds of media that a conversation may hold. */
export const modalities = ['image', 'audio', 'video'] as const;
export type Modality = (typeof modalities)[number];

/** A part of a message, in reading order. */
export type ConversationPart =
  | { readonly kind: 'text'; readonly text: string }
  | {
      readonly kind: Modality;
      /** The file that the client sent. */
      readonly bytes: Uint8Array;
      readonly mimeType: string;
      /** The request field that holds it, as the client spells it. */
      readonly param: string;
    };

export interface ConversationMessage {
  readonly role: 'system' | 'user' | 'assistant';
  readonly parts: readonly ConversationPart[];
}

/** What a server that runs a whole model is asked: words and files, no tokens. */
export interface Conversation {
  readonly messages: readonly ConversationMessage[];
  /** Parameters by the names that OpenAI's API and vLLM give them (`max_tokens`, `top_p`, `top_k`, …). */
  readonly parameters: Readonly<Record<string, unknown>>;
}

type WrittenPart =
  | { readonly kind: 'text'; readonly text: string }
  | {
      readonly kind: Modality;
      /** Index among the payload's files. */
      readonly file: number;
      readonly mimeType: string;
      readonly param: string;
    };

interface Written {
  readonly messages: readonly {
    readonly role: ConversationMessage['role'];
    readonly parts: readonly WrittenPart[];
  }[];
  readonly parameters: Conversation['parameters'];
}

/** A conversation as a payload to be pulled: its words as JSON, then its files as they are. */
export const tensorsOfConversation = ({
  messages,
  parameters,
}: Conversation): readonly Tensor[] => {
  const files: Uint8Array[] = [];
  const written: Written = {
    parameters,
    messages: messages.map(({ role, parts }) => ({
      role,
      parts: parts.map((part): WrittenPart => {
        if (part.kind === 'text') return part;
        const { kind, mimeType, param } = part;
        return { kind, mimeType, param, file: files.push(part.bytes) - 1 };
      }),
    })),
  };
  const words = new TextEncoder().encode(JSON.stringify(written));
  return [words, ...files].map((data, index) => ({
    name: index === 0 ? 'conversation' : `file.${index - 1}`,
    dataType: 'uint8',
    shape: [data.length],
    data,
  }));
};

/** The conversation of a payload that `tensorsOfConversation` made. Faults: `internal` for any other. */
export const conversationOfTensors = (tensors: readonly Tensor[]): Conversation => {
  const [words, ...files] = tensors.map(({ data }) => data);
  if (tensors[0]?.name !== 'conversation' || !(words instanceof Uint8Array)) {
    throw new Fault('internal', 'A payload came that is no conversation.');
  }
  const { messages, parameters } = JSON.parse(new TextDecoder().decode(words)) as Written;
  return {
    parameters,
    messages: messages.map(({ role, parts }) => ({
      role,
      parts: parts.map((part): ConversationPart => {
        if (part.kind === 'text') return part;
        const bytes = files[part.file];
        if (!(bytes instanceof Uint8Array)) {
          throw new Fault('internal', 'A conversation came without one of its files.');
        }
        const { kind, mimeType, param } = part;
        return { kind, mimeType, param, bytes };
      }),
    })),
  };
};

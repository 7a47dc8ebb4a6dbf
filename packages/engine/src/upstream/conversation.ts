import { Fault } from '@isotherm/kernel';
import type { Modality, Tensor } from '../contract.ts';

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
    }
  | {
      /** A clip as an image file for each frame. */
      readonly kind: 'frames';
      readonly frames: readonly Uint8Array[];
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
    }
  | { readonly kind: 'frames'; readonly files: readonly number[]; readonly param: string };

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
  const add = (file: Uint8Array): number => files.push(file) - 1;
  const written: Written = {
    parameters,
    messages: messages.map(({ role, parts }) => ({
      role,
      parts: parts.map((part): WrittenPart => {
        if (part.kind === 'text') return part;
        if (part.kind === 'frames') {
          return { kind: 'frames', param: part.param, files: part.frames.map(add) };
        }
        const { kind, mimeType, param } = part;
        return { kind, mimeType, param, file: add(part.bytes) };
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
  const fileAt = (index: number): Uint8Array => {
    const file = files[index];
    if (file instanceof Uint8Array) return file;
    throw new Fault('internal', 'A conversation came without one of its files.');
  };
  return {
    parameters,
    messages: messages.map(({ role, parts }) => ({
      role,
      parts: parts.map((part): ConversationPart => {
        if (part.kind === 'text') return part;
        if (part.kind === 'frames') {
          return { kind: 'frames', param: part.param, frames: part.files.map(fileAt) };
        }
        const { kind, mimeType, param } = part;
        return { kind, mimeType, param, bytes: fileAt(part.file) };
      }),
    })),
  };
};

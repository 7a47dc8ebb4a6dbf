import type { BlockOptions, PrefixPrompt, Prompt, PromptMessage } from '@isotherm/engine/text';
import type { ChatCall } from '../http/chat-schema.ts';
import type { RouterSettings } from '../settings.ts';

/** Where the models are. */
export type ModelSettings = Pick<
  RouterSettings,
  'engine' | 'profile' | 'profileFile' | 'profileEntries' | 'modelDir' | 'modelDirs'
>;

/** What the router's thread does for large requests. */
export type AsideCalls = {
  /** Before all others: says where models are; they are loaded when first needed. */
  readonly open: { readonly request: ModelSettings; readonly response: null };
  /** The body's buffer moves to the thread, those of its media move back. */
  readonly parse: {
    readonly request: { readonly body: Uint8Array; readonly deadlineMs: number | undefined };
    readonly response: ChatCall;
  };
  readonly prompt: {
    readonly request: { readonly model: string; readonly messages: readonly PromptMessage[] };
    readonly response: Prompt;
  };
  /** Keys of the blocks of a prompt, as instances tell them. */
  readonly prefixKeys: {
    readonly request: { readonly prompt: PrefixPrompt; readonly blocks: BlockOptions };
    readonly response: readonly string[];
  };
};

/** The router's thread: parses large bodies and makes tokens of long texts, one after the other. */
import { blockDigests, routingKey, type TextModel } from '@isotherm/engine/text';
import { serveCalls } from '@isotherm/engine/thread';
import { Fault, invariant } from '@isotherm/kernel';
import { parseBody } from '../http/parse-body.ts';
import { loadModels } from '../load-models.ts';
import type { AsideCalls, ModelSettings } from './aside-calls.ts';
import { withOwnBuffers } from './own-buffers.ts';

let settings: ModelSettings | undefined;
let loading: Promise<readonly TextModel[]> | undefined;

const modelNamed = async (name: string): Promise<TextModel> => {
  invariant(settings !== undefined, 'open comes first');
  loading ??= loadModels(settings);
  const model = (await loading).find(({ facts }) => facts.name === name);
  if (model === undefined) throw new Fault('internal', `The thread has no model "${name}".`);
  return model;
};

serveCalls<AsideCalls>({
  open: (given) => {
    settings = given;
    return { response: null };
  },
  parse: ({ body, deadlineMs }) => {
    const { call, buffers } = withOwnBuffers(parseBody(body, deadlineMs));
    return { response: call, transfer: buffers };
  },
  prompt: async ({ model, messages }) => {
    const response = (await modelNamed(model)).prompt(messages);
    return { response, transfer: [response.tokenIds.buffer as ArrayBuffer] };
  },
  prefixKeys: ({ prompt, blocks }) => ({ response: blockDigests(prompt, blocks).map(routingKey) }),
});

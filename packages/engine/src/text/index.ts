/** Entry `@isotherm/engine/text`: the text side of a model, light enough for a process that runs no graph. */
export { loadTextModel, type TextModelOptions } from './text-model.ts';
export { differenceOf } from '../model-folder/interchangeable.ts';
export { type ModelFolder, readModelFolder } from '../model-folder/model-folder.ts';
export {
  isPrecision,
  type Precision,
  precisions,
  precisionsIn,
} from '../model-folder/precision.ts';
export {
  blockDigests,
  type BlockOptions,
  type PrefixPrompt,
  routingKey,
} from '../prefix/block-digests.ts';
export { createProfileTextModel, type ProfileTextOptions } from '../profile/profile-text.ts';
export * from '../contract.ts';
export { expressionOfGrammar } from '../grammar/grammars.ts';
export { parseSchema, schemaBounds } from '../grammar/json-schema.ts';
export { nestsDeeper } from '../grammar/schema-fields.ts';

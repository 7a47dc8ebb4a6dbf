import { z } from 'zod';
import { nestsDeeper, schemaBounds } from '@isotherm/engine/text';
import type { AnswerFormat } from '../answer/chat.ts';

/** Not deeper than what can be spelled again; what else a schema has to be is checked where it is compiled. */
const schema = z
  .custom<object>(
    (value) => typeof value === 'object' && value !== null && !Array.isArray(value),
    'must be an object',
  )
  .refine(
    (value) => !nestsDeeper(value, schemaBounds.nestingMax),
    `must nest at most ${schemaBounds.nestingMax} deep`,
  );

/** OpenAI's `response_format`. `strict` changes nothing: what is generated is always valid. */
export const responseFormat = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('text') }),
  z.strictObject({ type: z.literal('json_object') }),
  z.strictObject({
    type: z.literal('json_schema'),
    json_schema: z.strictObject({
      name: z.string().regex(/^[\w-]{1,64}$/, 'must have 1 to 64 letters, digits, _ and -'),
      description: z.string().optional(),
      schema,
      strict: z.boolean().nullish(),
    }),
  }),
]);

export const formatOfBody = (
  format: z.infer<typeof responseFormat> | null | undefined,
): AnswerFormat | undefined => {
  switch (format?.type) {
    case undefined:
    case 'text':
      return undefined;
    case 'json_object':
      return { grammar: { kind: 'jsonObject' }, param: 'response_format' };
    case 'json_schema': {
      const text = JSON.stringify(format.json_schema.schema);
      const param = 'response_format.json_schema.schema';
      return { grammar: { kind: 'jsonSchema', schema: text }, param };
    }
    default:
      return format satisfies never;
  }
};

import { Fault } from '@isotherm/kernel';
import type { Grammar } from '../contract.ts';
import type { Expression } from './expression.ts';
import { anyObject, expressionOfSchemaText } from './json-schema.ts';
import { createTokenGrammar, type GrammarState, type TokenGrammar } from './token-grammar.ts';
import type { TokenVocabulary } from './token-trie.ts';

/** The grammars of one model in one thread: those used last are kept. */
export interface Grammars {
  /** Where a sequence stands that has said some tokens. Faults: those of the schema, `unsupported` for the model. */
  stateOf(grammar: Grammar, said: Iterable<number>): Promise<GrammarState>;
}

/** Grammars that are kept with what they remember. */
const grammarsMax = 16;

/**
 * The vocabulary is loaded here and not with the first grammar, which would keep a running batch waiting for it. Where that
 * fails, grammars are refused with what it threw.
 */
export const loadGrammars = async (
  loadVocabulary: () => Promise<TokenVocabulary>,
): Promise<Grammars> => {
  const vocabulary = loadVocabulary();
  await vocabulary.catch(() => undefined);
  const kept = new Map<string, TokenGrammar>();
  return {
    stateOf: async (grammar, said) => {
      const key = grammar.kind === 'jsonSchema' ? grammar.schema : '';
      const words = await vocabulary;
      if (!words.everyByte) {
        const problem =
          'This model has no token for some bytes, so it cannot write JSON of any kind.';
        throw new Fault('unsupported', problem, { param: 'response_format' });
      }
      const made =
        kept.get(key) ?? createTokenGrammar(expressionOfGrammar(grammar, 'schema'), words);
      // The one used last stands at the end.
      kept.delete(key);
      kept.set(key, made);
      for (const oldest of kept.keys()) if (kept.size > grammarsMax) kept.delete(oldest);
      return made.begin(said);
    },
  };
};

/** The texts of a grammar. Faults name the place in a schema that is not understood, which itself is at `path`. */
export const expressionOfGrammar = (grammar: Grammar, path: string): Expression => {
  switch (grammar.kind) {
    case 'jsonObject':
      return anyObject();
    case 'jsonSchema':
      return expressionOfSchemaText(grammar.schema, path);
    default:
      return grammar satisfies never;
  }
};

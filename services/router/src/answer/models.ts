import type { TextModel } from '@isotherm/engine/text';
import { Fault } from '@isotherm/kernel';
import type { InstanceView } from '@isotherm/policy';

/** How a request for a model is answered. */
export type ModelChoice =
  /** Stage by stage, by the router's own model. */
  | { readonly kind: 'staged'; readonly model: TextModel }
  /** By servers that take conversations: one alone, or a pair that hands over between them. */
  | { readonly kind: 'upstream'; readonly model: string; readonly path: 'whole' | 'pair' };

/** The models that a router serves: its own, and those that instances in front of servers announce. */
export interface Models {
  readonly names: readonly string[];
  /** Whether some model has all the instances that it needs, ready for work. */
  canAnswer(): boolean;
  /** An empty name takes the only model, or the router's own. Faults: `unknown_model`. */
  choose(name: string): ModelChoice;
}

/** Most models of servers that are remembered while none of their instances lives. */
const rememberedMax = 1024;

/**
 * A server's model stays known when its last instance has left: to a client that asks just then,
 * it is away (`unavailable`), not unheard of.
 */
export const createModels = (
  staged: TextModel | undefined,
  views: () => readonly InstanceView[],
): Models => {
  const remembered = new Map<string, 'whole' | 'pair'>();

  /** Those that some instance lives for. */
  const upstream = (): ReadonlyMap<string, 'whole' | 'pair'> => {
    const living = new Map<string, 'whole' | 'pair'>();
    for (const { takes, model, stage } of views()) {
      if (takes !== 'conversation') continue;
      if (stage === 'whole' || !living.has(model)) {
        living.set(model, stage === 'whole' ? 'whole' : 'pair');
      }
    }
    for (const [model, path] of living) {
      if (remembered.size < rememberedMax || remembered.has(model)) remembered.set(model, path);
    }
    return living;
  };
  const own = staged?.facts.name;
  const names = (): readonly string[] => {
    const others = [...upstream().keys()].filter((name) => name !== own);
    return own === undefined ? others : [own, ...others];
  };

  return {
    get names() {
      return names();
    },
    canAnswer: () => {
      const ready = views().filter((view) => view.ready);
      if (own !== undefined) return isComplete(ready, own, 'tensors', stagesOf.staged);
      return [...upstream()].some(([name, path]) =>
        isComplete(ready, name, 'conversation', stagesOf[path]),
      );
    },
    choose: (name) => {
      const known = names();
      const chosen = name === '' ? (own ?? (known.length === 1 ? known[0] : undefined)) : name;
      if (staged !== undefined && chosen === own) return { kind: 'staged', model: staged };
      const path = chosen === undefined ? undefined : remembered.get(chosen);
      if (chosen !== undefined && path !== undefined) {
        return { kind: 'upstream', model: chosen, path };
      }
      throw unknownModel(name, known);
    },
  };
};

const stagesOf = {
  staged: ['encode', 'prefill', 'decode'],
  pair: ['prefill', 'decode'],
  whole: ['whole'],
} as const;

const isComplete = (
  ready: readonly InstanceView[],
  model: string,
  takes: 'tensors' | 'conversation',
  stages: readonly string[],
): boolean =>
  stages.every((stage) =>
    ready.some(
      (view) => view.stage === stage && view.model === model && (view.takes ?? 'tensors') === takes,
    ),
  );

const unknownModel = (name: string, known: readonly string[]): Fault => {
  const param = 'model';
  if (known.length === 0) {
    return new Fault('unavailable', 'No instance has announced a model yet.', { param });
  }
  const there = known.slice(0, 8).map((each) => `"${each}"`);
  return name === ''
    ? new Fault('invalid_argument', `Name one of the models: ${there.join(', ')}.`, { param })
    : new Fault(
        'unknown_model',
        `There is no model "${name.slice(0, 80)}"; there is ${there.join(', ')}.`,
        { param },
      );
};

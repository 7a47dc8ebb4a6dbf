import type { Modality, TextModel } from '@isotherm/engine/text';
import { Fault } from '@isotherm/kernel';
import type { InstanceView } from '@isotherm/policy';
import type { ModelAliases } from './model-aliases.ts';

/** How a request for a model is answered. */
export type ModelChoice =
  /** Stage by stage, by one of the router's own models. */
  | { readonly kind: 'staged'; readonly model: TextModel }
  /** By servers that take conversations: one alone, or a pair that hands over between them. */
  | { readonly kind: 'upstream'; readonly model: string; readonly path: 'whole' | 'pair' };

/** What a client may know of a model before it asks. */
export interface ModelCard {
  readonly name: string;
  /** Other names that it goes by. */
  readonly aliases: readonly string[];
  /** `server`: a server runs it whole, or a pair of them. */
  readonly runsOn: 'stages' | 'server';
  /** Kinds of media that it takes beside text; undefined where only its server knows. */
  readonly modalities: readonly Modality[] | undefined;
  /** Longest prompt plus answer in tokens; undefined where only its server knows. */
  readonly contextMax: number | undefined;
  /** Whether all the instances that it needs take work. */
  readonly ready: boolean;
}

/** The models that a router serves: its own, and those that instances in front of servers announce. */
export interface Models {
  readonly names: readonly string[];
  /** In the order of `names`. */
  readonly cards: readonly ModelCard[];
  /** Whether some model has all the instances that it needs, ready for work. */
  canAnswer(): boolean;
  /** An empty name takes the only model, or the router's only own one. Faults: `unknown_model`. */
  choose(name: string): ModelChoice;
  /** The card of a model, by its name or an alias. Faults: `unknown_model`. */
  card(name: string): ModelCard;
}

/** Most models of servers that are remembered while none of their instances lives. */
const rememberedMax = 1024;
/** Most names that a refusal lists. */
const listedMax = 32;

type Path = 'whole' | 'pair';

/**
 * A server's model stays known when its last instance has left: to a client that asks just then,
 * it is away (`unavailable`), not unheard of.
 */
export const createModels = (
  staged: readonly TextModel[],
  views: () => readonly InstanceView[],
  aliases: ModelAliases = {},
): Models => {
  const remembered = new Map<string, Path>();
  const own = new Map(staged.map((model) => [model.facts.name, model]));
  const [only, another] = own.keys();
  const fallback = another === undefined ? only : undefined;

  /** Those that some instance lives for. */
  const upstream = (): ReadonlyMap<string, Path> => {
    const living = livingUpstreams(views());
    for (const [model, path] of living) {
      if (remembered.size < rememberedMax || remembered.has(model)) remembered.set(model, path);
    }
    return living;
  };
  const names = (): readonly string[] => [
    ...own.keys(),
    ...[...upstream().keys()].filter((name) => !own.has(name)),
  ];
  const isReady = (name: string): boolean => {
    const ready = views().filter((view) => view.ready);
    if (own.has(name)) return isComplete(ready, name, 'tensors', stagesOf.staged);
    const path = remembered.get(name);
    return path !== undefined && isComplete(ready, name, 'conversation', stagesOf[path]);
  };
  const canonical = (name: string): string =>
    !own.has(name) && !remembered.has(name) && Object.hasOwn(aliases, name)
      ? (aliases[name] ?? name)
      : name;

  const choose = (name: string): ModelChoice => {
    // Its own by their names need no look at the fleet, which may be large.
    const named = own.get(name);
    if (named !== undefined) return { kind: 'staged', model: named };
    const known = names();
    const asked = name === '' ? (fallback ?? (known.length === 1 ? known[0] : undefined)) : name;
    if (asked === undefined) throw unknownModel(name, known);
    const chosen = canonical(asked);
    const model = own.get(chosen);
    if (model !== undefined) return { kind: 'staged', model };
    const path = remembered.get(chosen);
    if (path !== undefined) return { kind: 'upstream', model: chosen, path };
    throw unknownModel(name, known);
  };

  const cardOf = (name: string): ModelCard => {
    const facts = own.get(name)?.facts;
    const serving = views().filter(({ model }) => model === name);
    const contextMax = serving.reduce((most, view) => Math.max(most, view.contextMax), 0);
    return {
      name,
      aliases: Object.keys(aliases).filter((alias) => aliases[alias] === name && !own.has(alias)),
      runsOn: facts === undefined ? 'server' : 'stages',
      modalities: facts?.modalities,
      contextMax: facts?.contextMax ?? (contextMax > 0 ? contextMax : undefined),
      ready: isReady(name),
    };
  };

  return {
    get names() {
      return names();
    },
    get cards() {
      return names().map(cardOf);
    },
    canAnswer: () => {
      const known = names();
      // Servers are beside the models that a router was given: without its own it is not ready.
      return (own.size > 0 ? [...own.keys()] : known).some(isReady);
    },
    choose,
    card: (name) => {
      const choice = choose(name);
      return cardOf(choice.kind === 'staged' ? choice.model.facts.name : choice.model);
    },
  };
};

const livingUpstreams = (views: readonly InstanceView[]): ReadonlyMap<string, Path> => {
  const living = new Map<string, Path>();
  for (const { takes, model, stage } of views) {
    if (takes !== 'conversation') continue;
    if (stage === 'whole' || !living.has(model)) {
      living.set(model, stage === 'whole' ? 'whole' : 'pair');
    }
  }
  return living;
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
  const listed = known.slice(0, listedMax).map((each) => `"${each.slice(0, 80)}"`);
  const more = known.length > listedMax ? ` and ${known.length - listedMax} more` : '';
  const there = `${listed.join(', ')}${more}`;
  return name === ''
    ? new Fault('invalid_argument', `Name one of the models: ${there}.`, { param })
    : new Fault('unknown_model', `There is no model "${name.slice(0, 80)}"; there is ${there}.`, {
        param,
      });
};

import type { Random } from '@isotherm/kernel';
import {
  defaultRoutePolicy,
  instanceChooser,
  type RoutePolicy,
  type RouteRequest,
  stageTokens,
} from '@isotherm/policy';
import type { Deployment, Role } from './deployment.ts';
import { type FleetInstance, type LiveView, stageOf } from './fleet.ts';
import type { RequestTable } from './request-table.ts';

export interface DispatcherOptions {
  readonly deployments: readonly Deployment[];
  /** Draws of routing. */
  readonly random: Random;
  /** `defaultRoutePolicy` where absent. */
  readonly policy?: RoutePolicy;
  /** Instances that a decision looks at; absent: all. */
  readonly sampleMax?: number;
  /** Each gets the next piece of work in turn, whatever it has to do: what is compared with. `policy` where absent. */
  readonly routing?: 'policy' | 'in-turn';
}

/** Chooses, books and sends in one turn, and takes bookings back, as a router does. */
export interface Dispatcher {
  /** Whether the request's deployment has instances of a role; who runs its prompts. */
  has(row: number, role: Role): boolean;
  promptRole(row: number): Role;
  /** False where nobody can take it now: nothing is booked. */
  send(row: number, role: Role): boolean;
  release(instance: number, row: number): void;
  /** The prompt is done, where prompts and answers are one piece of work: what is left of it is its answer. */
  releasePrompt(instance: number, row: number): void;
  /** Tokens that work of a role adds to an instance's load, by the rule of the policy. */
  tokensOf(row: number, role: Role): number;
}

export const createDispatcher = (
  fleet: readonly FleetInstance[],
  requests: RequestTable,
  options: DispatcherOptions,
): Dispatcher => {
  const { deployments, random, policy = defaultRoutePolicy, sampleMax, routing } = options;
  const choose = instanceChooser(policy, sampleMax);
  const routes = deployments.map((deployment, number) =>
    routesOf(
      deployment,
      fleet.filter((each) => each.deployment === number),
    ),
  );
  const routesFor = (row: number): Routes =>
    routes[requests.columns.deployment[row] as number] as Routes;

  const tokensOf = (row: number, role: Role): number => {
    const { columns } = requests;
    if (role === 'encode') return columns.mediumTokens[row] as number;
    const deployment = deployments[columns.deployment[row] as number] as Deployment;
    // Media that nobody has encoded are what they are for a monolith.
    const encodesHere = role !== 'decode' && (columns.mediaLeft[row] as number) > 0;
    const stage = encodesHere ? 'whole' : role === 'text' ? 'decode' : role;
    return stageTokens(stage, deployment.reading, {
      text: columns.textTokens[row] as number,
      media: (columns.media[row] as number) * (columns.mediumTokens[row] as number),
      generated: 0,
      answerMax: deployment.answerTokensExpected,
    });
  };

  const answerTokensOf = (row: number): number =>
    (deployments[requests.columns.deployment[row] as number] as Deployment).answerTokensExpected;

  return {
    tokensOf,
    has: (row, role) => routesFor(row)[role] !== undefined,
    promptRole: (row) => routesFor(row).promptRole,
    send: (row, role) => {
      const route = routesFor(row)[role];
      if (route === undefined) return false;
      const tokens = tokensOf(row, role);
      route.request.tokens = tokens;
      route.request.contextTokens = tokens;
      const view =
        routing === 'in-turn'
          ? nextInTurn(route)
          : (choose(route.request, route.views, random) as LiveView | undefined);
      if (view === undefined) return false;
      view.bookedTokens += tokens;
      const { bank, station } = fleet[view.index] as FleetInstance;
      bank.enqueue(station, row);
      return true;
    },
    release: (instance, row) => {
      const { view, role } = fleet[instance] as FleetInstance;
      view.bookedTokens -= isBothInOne(role) ? answerTokensOf(row) : tokensOf(row, role);
    },
    releasePrompt: (instance, row) => {
      const { view, role } = fleet[instance] as FleetInstance;
      view.bookedTokens -= tokensOf(row, role) - answerTokensOf(row);
    },
  };
};

/** Where work of a role may go, and the question that is asked of the policy: one object for all work, written over. */
interface Route {
  readonly views: readonly LiveView[];
  /** How often it was somebody's turn. */
  turns: number;
  readonly request: { -readonly [Key in keyof RouteRequest]: RouteRequest[Key] };
}

/** Roles that run a prompt and go on with its answer. */
const isBothInOne = (role: Role): boolean => role === 'text' || role === 'whole';

const nextInTurn = (route: Route): LiveView | undefined => {
  const { views } = route;
  for (let asked = 0; asked < views.length; asked += 1) {
    const view = views[route.turns % views.length] as LiveView;
    route.turns += 1;
    if (view.ready) return view;
  }
  return undefined;
};

type Routes = Readonly<Record<Role, Route | undefined>> & { readonly promptRole: Role };

const routesOf = ({ model }: Deployment, instances: readonly FleetInstance[]): Routes => {
  const routeOf = (role: Role): Route | undefined => {
    const views = instances.filter((each) => each.role === role).map(({ view }) => view);
    if (views.length === 0) return undefined;
    const request = {
      stage: stageOf(role),
      model,
      tokens: 0,
      contextTokens: 0,
      excluded: new Set<never>(),
      cacheKeys: [],
    };
    return { views, request, turns: 0 };
  };
  const routes = {
    encode: routeOf('encode'),
    prefill: routeOf('prefill'),
    decode: routeOf('decode'),
    text: routeOf('text'),
    whole: routeOf('whole'),
  };
  const promptRole = (['prefill', 'text', 'whole'] as const).find((role) => routes[role]);
  if (promptRole === undefined) throw new RangeError(`${model} has nobody who runs prompts`);
  if (promptRole === 'prefill' && routes.decode === undefined) {
    throw new RangeError(`${model} has nobody who decodes`);
  }
  // A monolith encodes by itself.
  if (promptRole === 'whole') return { ...routes, encode: undefined, promptRole };
  return { ...routes, promptRole };
};

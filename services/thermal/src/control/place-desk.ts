import { Fault, type Stage, stages } from '@isotherm/kernel';
import { formatPlace, gpuIdsOf, type Place, type Ratings } from '@isotherm/plant';
import { type Levers, placeInstance, type PlaceDecision } from '@isotherm/policy';
import type { RoomEstimate } from '../estimate/room-estimate.ts';
import { workKindOf } from '../instances/demand.ts';
import type { PlacedInstance } from '../instances/instance-book.ts';
import type { Round } from '../round/round.ts';
import { placeRoom, type TakenPlace } from './place-room.ts';

/** New work, as somebody asks for it. */
export interface PlaceRequest {
  readonly stage: string;
  readonly gpus: number;
  readonly tenant: string;
  /** 0: unknown. */
  readonly peakW: number;
  /** How many alike. */
  readonly count: number;
}

export interface PlacedWork {
  /** Empty where none fits. */
  readonly places: readonly string[];
  readonly notes: readonly { readonly about: string; readonly text: string }[];
}

/** Finds places, and holds them for who is to come. */
export interface PlaceDesk {
  /** Throws a Fault `invalid_argument` for what nobody can place. */
  plan(request: PlaceRequest, round: Round, hold: boolean): PlacedWork;
  readonly held: number;
  /** Work that was to be placed and for which there was no place, since the start. */
  readonly refused: number;
}

interface Held extends TakenPlace {
  readonly untilMs: number;
}

const heldMax = 4_096;
const countMax = 256;
const gpusMax = 1_024;
const notesMax = 64;

export const createPlaceDesk = (
  parts: {
    readonly estimate: RoomEstimate;
    readonly ratings: Ratings;
    readonly nowMs: () => number;
    /** Hears of work that finds no place, and why. */
    readonly heardRefusal: (stage: Stage, why: string) => void;
  },
  options: { readonly heldMs: number; readonly levers: Pick<Levers, 'place'> },
): PlaceDesk => {
  let held: readonly Held[] = [];
  let refused = 0;

  /** Who has come needs no holding, and who has not come in time has lost the place. */
  const living = (instances: readonly PlacedInstance[]): readonly Held[] => {
    const taken = new Set(
      instances.flatMap(({ place }) => (place === undefined ? [] : gpuIdsOf(place))),
    );
    const nowMs = parts.nowMs();
    return held.filter(
      ({ place, untilMs }) => untilMs > nowMs && !gpuIdsOf(place).some((id) => taken.has(id)),
    );
  };

  return {
    get held() {
      return held.length;
    },
    get refused() {
      return refused;
    },
    plan: (request, round, hold) => {
      const { work, count } = checked(request);
      held = living(round.instances);
      const places: string[] = [];
      const notes: { about: string; text: string }[] = [];
      const taken: TakenPlace[] = [...held];
      for (let each = 0; each < count; each += 1) {
        const room = placeRoom(round, parts, taken);
        const decision = placeInstance(work, room, options.levers);
        notes.push(...notesOf(decision).slice(0, Math.max(0, notesMax - notes.length)));
        if (decision.kind === 'rejected') {
          // A question is no refusal: an autoscaler asks again and again how many there would be room for.
          if (hold) {
            refused += count - each;
            parts.heardRefusal(work.stage, refusalText(decision));
          }
          places.push(...Array.from({ length: count - each }, () => ''));
          break;
        }
        const { place } = decision;
        places.push(formatPlace(place));
        taken.push({ place, kind: workKindOf(work.stage), tenant: work.tenant });
      }
      if (hold) {
        const untilMs = parts.nowMs() + options.heldMs;
        const added = taken.slice(held.length).map((each) => ({ ...each, untilMs }));
        if (held.length + added.length > heldMax) {
          throw new Fault('saturated', `At most ${heldMax} places are held at once.`);
        }
        held = [...held, ...added];
      }
      return { places, notes };
    },
  };
};

const invalid = (field: string, message: string): Fault =>
  new Fault('invalid_argument', message, { param: `place.${field}` });

const checked = ({ stage, gpus, tenant, peakW, count }: PlaceRequest) => {
  const known = stages.find((each): each is Stage => each === stage);
  if (known === undefined) throw invalid('stage', `A stage is one of ${stages.join(', ')}.`);
  if (!(gpus >= 1 && gpus <= gpusMax)) throw invalid('gpus', `gpus is from 1 to ${gpusMax}.`);
  if (count > countMax) throw invalid('count', `count is at most ${countMax}.`);
  if (!(peakW >= 0 && peakW < 1e7)) throw invalid('peak_w', 'peak_w is from 0 to 10 MW.');
  const who = tenant === '' ? 'adjustable' : tenant;
  if (who !== 'adjustable' && who !== 'opaque') {
    throw invalid('tenant', 'A tenant is adjustable or opaque.');
  }
  const work = { stage: known, gpus, tenant: who, ...(peakW > 0 && { peakW }) } as const;
  return { work, count: Math.max(1, count) };
};

/** What spoke against servers, the most frequent first: `No server fits: 8 by row-power, 4 by gpus.` */
const refusalText = ({ reason, trace }: PlaceDecision & { readonly kind: 'rejected' }): string => {
  if (reason === 'no_server') return 'The room has no server for this tenant.';
  const counts = new Map<string, number>();
  for (const { validator } of Object.values(trace.dropped)) {
    counts.set(validator, (counts.get(validator) ?? 0) + 1);
  }
  const causes = [...counts].toSorted(([, a], [, b]) => b - a);
  return `No server fits: ${causes.map(([name, count]) => `${count} by ${name}`).join(', ')}.`;
};

/** Why: the place that was taken with its scores, or what spoke against each server. */
const notesOf = (decision: PlaceDecision): readonly { about: string; text: string }[] => {
  const { dropped, scores } = decision.trace;
  const against = Object.entries(dropped).map(([about, { validator, at }]) => ({
    ...{ about, text: `dropped by ${validator} at ${at}` },
  }));
  if (decision.kind === 'rejected') {
    return [{ about: '', text: refusalText(decision) }, ...against];
  }
  const place: Place = decision.place;
  const own = Object.entries(scores[place.server] ?? {})
    .map(([name, score]) => `${name} ${score.toFixed(2)}`)
    .join(', ');
  return [{ about: formatPlace(place), text: own === '' ? 'first that fits' : own }, ...against];
};

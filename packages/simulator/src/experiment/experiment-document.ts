import type { ExampleRoomOptions } from '@isotherm/plant';
import type { ColocateSettings, Levers } from '@isotherm/policy';
import type { TraceFormat } from '../arrivals/trace.ts';
import type { TimedDisturbance } from '../room/room-coupling.ts';
import type { CustomerOptions } from '../room/customers.ts';
import type { Role } from '../pipeline/deployment.ts';
import type { QueueOrder } from '../stations/waiting-lines.ts';

/** An experiment as it stands in a file: several arms, each run from several seeds. Files that it names lie beside it. */
export interface ExperimentDocument {
  readonly name: string;
  readonly durationS: number;
  readonly warmUpS: number;
  readonly seeds: readonly number[];
  readonly sampleMax?: number;
  readonly deployments: readonly DeploymentDocument[];
  readonly room?: RoomDocument;
  readonly arms: readonly ArmDocument[];
}

export interface DeploymentDocument {
  /** File of a profile. */
  readonly profile: string;
  readonly requests: RequestsDocument;
  readonly slo: SloDocument;
  /** Whose media are encoded where their prompt is run. */
  readonly colocate?: ColocateSettings;
  readonly answerTokensExpected: number;
  /** Parameters that a token meets, in billions. */
  readonly parametersB?: number;
  readonly transferLatencyMs: number;
  /** Billions of bytes a second between instances. */
  readonly transferGbPerS: number;
  readonly pools: readonly PoolDocument[];
}

/** Times; or as many times what a request takes alone, on these stages of the profile. */
export type SloDocument =
  | { readonly kind: 'fixed'; readonly ttftMs: number; readonly tbtMs: number }
  | {
      readonly kind: 'alone';
      readonly ttftTimes: number;
      readonly tbtTimes: number;
      readonly stages: readonly string[];
    };

export type RequestsDocument =
  | {
      readonly kind: 'drawn';
      readonly requestsPerS: number;
      readonly imageShare: number;
      readonly imagesMax: number;
      readonly dailySwing: number;
      readonly burstiness: number;
      readonly week?: WeekDocument;
    }
  | {
      readonly kind: 'trace';
      readonly file: string;
      /** `servegen`: the file is a folder of chunks. */
      readonly format: TraceFormat | 'servegen';
      readonly rateScale: number;
      readonly imagesMax: number;
      readonly week?: WeekDocument;
    };

/** How requests come over a week: a day's rates, of a ServeGen folder or hour by hour, and a factor for each day of the week. */
export interface WeekDocument {
  readonly day:
    | { readonly kind: 'servegen'; readonly file: string }
    | { readonly kind: 'hours'; readonly rates: readonly number[] };
  readonly weekdays: readonly number[];
}

export interface PoolDocument {
  readonly role: Role;
  /** Names of the profile's stages, one for each stage that the role has. */
  readonly stages: readonly string[];
  readonly count: number;
  readonly order: QueueOrder;
}

export interface RoomDocument {
  /** A plan's file, or the shape of an example room. */
  readonly plan:
    | { readonly kind: 'file'; readonly file: string }
    | { readonly kind: 'example'; readonly options: Partial<ExampleRoomOptions> };
  readonly periodS: number;
  readonly planPeriodS: number;
  readonly substepS: number;
  /** How often it is stepped while nothing is near a limit; `periodS` where absent. */
  readonly quietPeriodS?: number;
  /** A weather file for an example room, and the hour of its year at which the run begins. */
  readonly weather?: { readonly file: string; readonly startHour: number };
  readonly customers?: CustomerOptions;
  readonly opaqueUtilisation: number;
  readonly riseSpreadShare: number;
  readonly disturbances: readonly TimedDisturbance[];
}

export interface ArmDocument {
  readonly name: string;
  readonly levers: Levers;
  /** By how much power and air of an example room are oversubscribed, instead of what its shape says: 0.4 for 40 %. */
  readonly oversubscription?: number;
  /** The same for air alone. */
  readonly airOversubscription?: number;
  /** What happens to the room, instead of what the document says. */
  readonly disturbances?: readonly TimedDisturbance[];
  readonly aware: readonly AwareOf[];
  /** Everybody is capped alike in emergencies: the baseline for them. */
  readonly uniformCaps: boolean;
  readonly routing: 'policy' | 'in-turn';
  /** Instead of those of the only deployment. */
  readonly pools?: readonly PoolDocument[];
  readonly colocate?: ColocateSettings;
}

/**
 * What those who steer know: `stages` (what of a stage heats what, and follows the clock), `heat` (temperatures as they settle, not as they
 * are), `trend` (powers by trend and unrest).
 */
export const awareOf = ['stages', 'heat', 'trend'] as const;
export type AwareOf = (typeof awareOf)[number];

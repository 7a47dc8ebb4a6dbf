import type { Disturbance, ExampleRoomOptions } from '@isotherm/plant';
import type { Levers } from '@isotherm/policy';
import type { TraceFormat } from '../arrivals/trace.ts';
import type { Role, Slo } from '../pipeline/deployment.ts';
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
  readonly slo: Slo;
  readonly answerTokensExpected: number;
  readonly transferLatencyMs: number;
  /** Billions of bytes a second between instances. */
  readonly transferGbPerS: number;
  readonly pools: readonly PoolDocument[];
}

export type RequestsDocument =
  | {
      readonly kind: 'drawn';
      readonly requestsPerS: number;
      readonly imageShare: number;
      readonly imagesMax: number;
      readonly dailySwing: number;
      readonly burstiness: number;
    }
  | {
      readonly kind: 'trace';
      readonly file: string;
      /** `servegen`: the file is a folder of chunks. */
      readonly format: TraceFormat | 'servegen';
      readonly rateScale: number;
      readonly imagesMax: number;
    };

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
  readonly opaqueUtilisation: number;
  readonly riseSpreadShare: number;
  readonly disturbances: readonly {
    readonly fromS: number;
    readonly untilS: number;
    readonly disturbance: Disturbance;
  }[];
}

export interface ArmDocument {
  readonly name: string;
  readonly levers: Levers;
  /** Instead of those of the only deployment. */
  readonly pools?: readonly PoolDocument[];
}

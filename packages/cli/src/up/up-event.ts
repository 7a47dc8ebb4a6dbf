import type { PoolStep } from '../autoscale/pool.ts';
import type { DecidedDeployment } from '../plan/decide-deployment.ts';
import type { Answer } from '../ask/generate.ts';

export interface Where {
  /** http://host:port */
  readonly http: string;
  /** host:port */
  readonly grpc: string;
}

/** What `isotherm up` has to tell, as text or as JSON lines. */
export type UpEvent =
  | { readonly kind: 'redis'; readonly how: string; readonly url: string }
  | { readonly kind: 'redisDied' }
  /** Everything runs in one process: because it was asked for, or because there is no Redis. */
  | { readonly kind: 'embedded'; readonly why: string | undefined }
  | ({ readonly kind: 'planned' } & Pick<DecidedDeployment, 'plan'>)
  /** Where Prometheus reads what the autoscaler wants. */
  | { readonly kind: 'autoscaling'; readonly metrics: string }
  | { readonly kind: 'scaled'; readonly step: PoolStep }
  | { readonly kind: 'starting'; readonly model: string; readonly services: string }
  | ({
      readonly kind: 'ready';
      readonly tookMs: number;
      readonly pids: Pids;
      readonly metrics: MetricsOf;
    } & Where)
  | { readonly kind: 'picture'; readonly file: string; readonly bytes: Uint8Array }
  /** A sound or a clip, which is not drawn. */
  | { readonly kind: 'other'; readonly title: 'sound' | 'clip'; readonly file: string }
  | { readonly kind: 'question'; readonly text: string }
  | { readonly kind: 'text'; readonly text: string }
  /** `expected` is what the picture's maker drew, where that is known. */
  | {
      readonly kind: 'answered';
      readonly answer: Answer;
      readonly expected: string | undefined;
      readonly withTable: boolean;
    }
  | ({
      readonly kind: 'howToTalk';
      readonly picture: string;
      readonly question: string;
      readonly hasRoom: boolean;
    } & Where)
  | { readonly kind: 'log'; readonly service: string; readonly line: string }
  | { readonly kind: 'died'; readonly service: string; readonly pid: number; readonly how: string }
  /** It was drained: it ended as it was told to, and is not started again. */
  | { readonly kind: 'drained'; readonly service: string; readonly pid: number }
  /** One more, for the load. */
  | { readonly kind: 'added'; readonly service: string; readonly pid: number }
  | ({ readonly kind: 'restarted'; readonly service: string; readonly pid: number } & Where)
  | { readonly kind: 'stopping'; readonly byPerson: boolean }
  | { readonly kind: 'stopped'; readonly tookMs: number };

/** Processes of each service. */
export type Pids = Readonly<Record<string, readonly number[]>>;

/** Where Prometheus reads each service: URLs. */
export type MetricsOf = Readonly<Record<string, readonly string[]>>;

export type Show = (event: UpEvent) => void | Promise<void>;

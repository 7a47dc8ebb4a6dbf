import type {
  CancelRequest,
  DrainRequest,
  ReconfigureRequest,
  ReconfigureResponseInput,
  StageGetStatusResponseInput,
} from '@isotherm/proto';
import type { AheadIntake } from './ahead-intake.ts';
import { protos, type ServedService, unaryHandler } from '@isotherm/rpc';

export interface StageControl {
  status(): StageGetStatusResponseInput;
  /** Cancels a request; true when it had work or leases here. */
  cancel(requestId: string): boolean;
  /** Cancels one job; true when it ran here. */
  cancelJob(jobId: string): boolean;
  /** Changes how it runs; how it runs then. */
  reconfigure(wanted: ReconfigureRequest): Promise<ReconfigureResponseInput>;
  /** Begins to drain; undefined takes the configured grace. */
  drain(graceMs: number | undefined): void;
  /** How copies of jobs come that go ahead of their lane. */
  readonly ahead: AheadIntake['calls'];
}

/** StageService: what operators and routers may ask of any instance. */
export const createStageControl = (control: StageControl): ServedService => ({
  definition: protos.isotherm.stage.v1.StageService.service,
  implementation: {
    ...control.ahead,
    GetStatus: unaryHandler(() => control.status()),
    Cancel: unaryHandler(({ requestIds, jobIds }: CancelRequest) => ({
      cancelled:
        requestIds.filter((id) => control.cancel(id)).length +
        jobIds.filter((id) => control.cancelJob(id)).length,
    })),
    Reconfigure: unaryHandler((request: ReconfigureRequest) => control.reconfigure(request)),
    Drain: unaryHandler((request: DrainRequest) => {
      control.drain(request.graceMs === 0 ? undefined : request.graceMs);
      return {};
    }),
  },
});

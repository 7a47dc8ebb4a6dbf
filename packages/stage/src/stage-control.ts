import type {
  CancelRequest,
  DrainRequest,
  ReconfigureRequest,
  StageGetStatusResponseInput,
} from '@isotherm/proto';
import { protos, type ServedService, unaryHandler } from '@isotherm/rpc';

export interface StageControl {
  status(): StageGetStatusResponseInput;
  /** Cancels a request; true when it had work or leases here. */
  cancel(requestId: string): boolean;
  /** Changes the precision of new work; the one that it has then. */
  reconfigure(precision: string): Promise<string>;
  /** Begins to drain; undefined takes the configured grace. */
  drain(graceMs: number | undefined): void;
}

/** StageService: what operators and routers may ask of any instance. */
export const createStageControl = (control: StageControl): ServedService => ({
  definition: protos.isotherm.stage.v1.StageService.service,
  implementation: {
    GetStatus: unaryHandler(() => control.status()),
    Cancel: unaryHandler((request: CancelRequest) => ({
      cancelled: request.requestIds.filter((id) => control.cancel(id)).length,
    })),
    Reconfigure: unaryHandler(async (request: ReconfigureRequest) => ({
      precision: await control.reconfigure(request.precision),
    })),
    Drain: unaryHandler((request: DrainRequest) => {
      control.drain(request.graceMs === 0 ? undefined : request.graceMs);
      return {};
    }),
  },
});

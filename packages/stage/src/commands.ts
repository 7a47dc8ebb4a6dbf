import { Fault, type InstanceId } from '@isotherm/kernel';
import { controlLaneName, type Fabric, type LaneConsumer } from '@isotherm/lanes';
import type { ReconfigureRequest, ReconfigureResponseInput } from '@isotherm/proto';
import type { Logger } from '@isotherm/runtime';
import { type Levers, leversNow, pullLevers } from './levers.ts';

/** Changes how an instance runs, and tells how it runs then. Faults: those of `pullLevers`. */
export type Reconfigure = (
  wanted: Partial<ReconfigureRequest>,
) => Promise<ReconfigureResponseInput>;

/** `changed` tells everybody who goes by how it runs. */
export const reconfiguring =
  (levers: Levers, log: Logger, changed: () => Promise<void>): Reconfigure =>
  async (wanted) => {
    await pullLevers(levers, wanted);
    const now = leversNow(levers);
    log.info(now, 'reconfigured');
    await changed();
    return now;
  };

/**
 * Takes `Reconfigure` commands from the instance's control lane, one at a time: so they wait where the one who decided
 * on them may die, and arrive once. What becomes of one the instance's load shows.
 */
export const consumeCommands = (
  fabric: Fabric,
  id: InstanceId,
  reconfigure: Reconfigure,
  log: Logger,
): Promise<LaneConsumer> =>
  fabric.lanes.consume<Partial<ReconfigureRequest>>(
    controlLaneName(id),
    async ({ body }) => {
      await reconfigure(body).catch((thrown: unknown) => {
        const { code, message } = Fault.from(thrown);
        log.warn({ code, message }, 'command refused');
      });
    },
    { concurrency: 1 },
  );

import { describeBatches } from './batches.ts';
import { describeBounds } from './bounds.ts';
import { describeDelivery } from './delivery.ts';
import type { FabricHarness } from './harness.ts';
import { describeLifeCycle } from './life-cycle.ts';
import { describeModel } from './model.ts';
import { describeOrder } from './order.ts';
import { describeRegistry } from './registry.ts';

/** What every adapter guarantees; called inside a `describe` of the adapter's test. */
export const describeFabric = (harness: FabricHarness): void => {
  describeOrder(harness);
  describeDelivery(harness);
  describeBounds(harness);
  describeLifeCycle(harness);
  describeRegistry(harness);
  describeBatches(harness);
  describeModel(harness);
};

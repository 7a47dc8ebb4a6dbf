import type { InstanceId, Stage } from '@isotherm/kernel';
import { type Lanes, laneName, type LaneSender } from '@isotherm/lanes';
import type { Fleet } from '../fleet/fleet.ts';

/** The sending sides of the lanes of all living instances, opened when first needed. */
export interface LaneSenders {
  to(stage: Stage, instance: InstanceId): LaneSender<object>;
  close(): Promise<void>;
}

export const createLaneSenders = (lanes: Lanes, fleet: Fleet): LaneSenders => {
  const senders = new Map<InstanceId, LaneSender<object>>();
  const closeQuietly = (sender: LaneSender<object>): Promise<void> =>
    sender.close().catch(() => undefined);

  return {
    to: (stage, instance) => {
      const known = senders.get(instance);
      if (known !== undefined) return known;
      // Ids are never used again: whoever has left will not be sent to.
      for (const [id, sender] of senders) {
        if (fleet.record(id) !== undefined) continue;
        senders.delete(id);
        void closeQuietly(sender);
      }
      const sender = lanes.sender<object>(laneName(stage, instance));
      senders.set(instance, sender);
      return sender;
    },
    close: async () => {
      await Promise.all([...senders.values()].map(closeQuietly));
    },
  };
};

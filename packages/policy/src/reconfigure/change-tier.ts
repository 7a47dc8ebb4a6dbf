import { needsReload } from './configuration.ts';
import { type DraftInstance, lackWith, type Posed } from './draft.ts';
import { type Tier, tierOf } from './tier.ts';

/** What going from one pose to another gives up. What is loaded counts from what the instance runs now. */
export const tierBetween = (drafted: DraftInstance, from: Posed, to: Posed): Tier =>
  tierOf({
    stops: to.setting.stopped && !from.setting.stopped,
    caps: (to.setting.capW ?? Infinity) < (from.setting.capW ?? Infinity),
    lacks: lackWith(drafted, to.draw) > lackWith(drafted, from.draw),
    losesQuality: to.draw.quality < from.draw.quality,
    moves: to.draw.capacity < Math.min(drafted.instance.load, from.draw.capacity),
    reloads: needsReload(drafted.initial.profile.configuration, to.profile.configuration),
  });

import { say } from '../../report/result.ts';
import type { System } from '../systems/system.ts';
import type { Saturation } from './trial.ts';

export const saySaturation = (both: Readonly<Record<System['name'], Saturation>>): void => {
  for (const [name, each] of Object.entries<Saturation>(both)) {
    say(
      `  saturated ${name}: ${each.requestsPerS} requests/s, ${each.tokensPerS} tokens/s, ` +
        `${each.failed} failed, processor ms a request ${JSON.stringify(each.processorMs)}, ` +
        `event loop p99 ms ${JSON.stringify(each.loopDelayP99Ms)}`,
    );
  }
};

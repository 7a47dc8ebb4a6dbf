import { CommandError } from '../exit-code.ts';
import { decideDeployment, refuseTooMany } from '../plan/decide-deployment.ts';
import { readDeployment } from '../plan/deployment.ts';
import type { Show } from './up-event.ts';
import type { UpFlags } from './up-plan.ts';

/** The flags with what `--plan` decides in place of what was counted by hand; the decision is shown first. */
export const withDeployment = async (flags: UpFlags, show: Show): Promise<UpFlags> => {
  if (flags.plan === undefined) {
    if (flags.planOnly === true)
      throw usage('--plan-only shows what --plan FILE decides: name one.');
    if (flags.autoscale === true) {
      throw usage('--autoscale follows what --plan FILE says of the traffic: name one.');
    }
    return flags;
  }
  refuseBeside(flags);
  const decided = decideDeployment(await readDeployment(flags.plan));
  await show({ kind: 'planned', plan: decided.plan });
  if (flags.planOnly === true) return flags;
  refuseTooMany(decided);
  const { encoders, prefills, decodes, settings, pools } = decided;
  // Stages that are scaled one by one have processes of their own.
  const colocate = flags.autoscale === true ? [] : decided.colocate;
  return {
    ...flags,
    ...{ encoders, prefills, decodes },
    ...(colocate.length > 0 && { colocate }),
    ...(flags.autoscale === true && { pools }),
    ...(flags.engine === 'profile' && { plannedSettings: settings }),
  };
};

const refuseBeside = ({ colocate, embedded, upstream, model = [] }: UpFlags): void => {
  const other =
    colocate !== undefined
      ? '--colocate'
      : embedded === true
        ? '--embedded'
        : upstream !== undefined
          ? '--upstream'
          : model.length > 1
            ? 'several --model'
            : undefined;
  if (other !== undefined) throw usage(`--plan decides what runs where; leave out ${other}.`);
};

const usage = (message: string): CommandError => new CommandError(message, { usage: true });

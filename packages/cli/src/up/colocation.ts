import { type StackShape, type StageService, stageServices } from '@isotherm/stack';
import { InvalidArgumentError } from 'commander';
import { CommandError } from '../exit-code.ts';

/** The value of --colocate. Throws what is wrong with it, and what would be right. */
export const colocatedServices = (text: string): readonly StageService[] => {
  const named = text.split(',').map((word) => word.trim());
  const unknown = named.find((word) => !isStageService(word));
  const twice = named.find((word, index) => named.indexOf(word) < index);
  const right = `Name two or three of ${stageServices.join(', ')}, as in encoder,prefill.`;
  if (unknown !== undefined) throw new InvalidArgumentError(`${problemOf(unknown)} ${right}`);
  if (twice !== undefined) throw new InvalidArgumentError(`${twice} is named twice. ${right}`);
  if (named.length < 2) {
    throw new InvalidArgumentError(`${text.trim()} alone shares its process with nobody. ${right}`);
  }
  return named.filter(isStageService);
};

const isStageService = (word: string): word is StageService =>
  stageServices.some((service) => service === word);

const problemOf = (word: string): string => {
  switch (word) {
    case '':
      return 'A name is missing.';
    case 'router':
      return 'The router always has a process of its own; --embedded is everything in one.';
    case 'upstream':
      return 'A server that runs a whole model has its own process.';
    default:
      return `"${word}" is no service of a stage.`;
  }
};

/** Throws where the other flags leave nothing to colocate. */
export const refuseToColocate = (
  { embedded }: { readonly embedded?: boolean },
  upstreams: number,
): void => {
  const why =
    embedded === true
      ? '--embedded puts everything into one process already'
      : upstreams > 0
        ? 'servers named with --upstream run their model whole, without stages'
        : undefined;
  if (why === undefined) return;
  throw new CommandError(`--colocate cannot be had here: ${why}. Leave one of them out.`, {
    usage: true,
  });
};

/** What runs, a process each: for people. */
export const servicesText = (shape: StackShape, colocate: readonly StageService[]): string => {
  const shares = (service: string): boolean => colocate.some((one) => one === service);
  const counted = (services: readonly (readonly [string, number])[]): string =>
    services
      .filter(([, count]) => count > 0)
      .map(([service, count]) => `${count} ${service}`)
      .join(', ');
  const all = Object.entries(shape);
  const alone = counted(all.filter(([service]) => !shares(service)));
  if (colocate.length === 0) return alone;
  return `${alone}, 1 colocated (${counted(all.filter(([service]) => shares(service)))})`;
};

import { invariant } from '@isotherm/kernel';
import type { Expression } from './expression.ts';
import { nextPlace, noPlace } from './string-bytes.ts';

/**
 * An expression that waits for its next byte, and what follows when it is done. `count` is the place in a literal or
 * sequence; `min` and `max` are what is left of a repetition; `place` is where in a character a text stands.
 */
interface Frame {
  readonly id: number;
  readonly node: Expression;
  readonly count: number;
  readonly min: number;
  readonly max: number;
  readonly place: number;
  readonly rest: Frame | undefined;
}

/** Every way in which the text so far can be understood. */
export interface MatcherState {
  /** Ways that wait for a byte. */
  readonly frames: readonly Frame[];
  /** Whether the text may end here. */
  readonly complete: boolean;
  /** Where each byte leads, as far as it was asked; `null` is nowhere. */
  readonly next: Map<number, MatcherState | null>;
}

/** Walks a text byte by byte and says what may come. All states are of one matcher. */
export interface ByteMatcher {
  readonly start: MatcherState;
  /** `null` where the byte cannot come. */
  step(state: MatcherState, byte: number): MatcherState | null;
  /**
   * A state that takes the same texts of up to `bytes` bytes: what is left of longer repetitions does not matter to
   * them. So states of long strings and lists become the same one.
   */
  near(state: MatcherState, bytes: number): MatcherState;
  /** Frames, states and steps that are remembered. */
  readonly size: number;
}

/**
 * Most ways of understanding a text that are kept. What is dropped makes the language smaller and never wrong: each way
 * that is kept can be finished by itself.
 */
const waysMax = 64;

export const createByteMatcher = (root: Expression): ByteMatcher => {
  const frames = new Map<string, Frame>();
  const states = new Map<string, MatcherState>();
  let steps = 0;

  const frame = (
    node: Expression,
    rest: Frame | undefined,
    at: { readonly count?: number; readonly min?: number; readonly max?: number; place?: number },
  ): Frame => {
    const { count = 0, min = 0, max = 0, place = 0 } = at;
    const key = `${node.id} ${count} ${min} ${max} ${place} ${rest?.id ?? ''}`;
    const known = frames.get(key);
    if (known !== undefined) return known;
    const made = { id: frames.size, node, count, min, max, place, rest };
    frames.set(key, made);
    return made;
  };
  const enter = (node: Expression, rest: Frame | undefined): Frame =>
    node.kind === 'repeat' || node.kind === 'text'
      ? frame(node, rest, node)
      : frame(node, rest, {});

  /** The frames that wait for a byte, reached from some without one. */
  const settle = (from: readonly (Frame | undefined)[]): MatcherState => {
    const waiting: Frame[] = [];
    const seen = new Set<Frame>();
    let complete = false;
    const open = from.toReversed();
    while (open.length > 0 && waiting.length < waysMax) {
      const one = open.pop();
      if (one === undefined) complete = true;
      else if (!seen.has(one)) {
        seen.add(one);
        const inner = expand(one, enter, frame);
        if (inner.waits) waiting.push(one);
        open.push(...inner.next.toReversed());
      }
    }
    const key = `${complete ? '.' : ''}${waiting.map(({ id }) => id).join(' ')}`;
    const known = states.get(key);
    if (known !== undefined) return known;
    const made: MatcherState = { frames: waiting, complete, next: new Map() };
    states.set(key, made);
    return made;
  };

  const take = (one: Frame, byte: number): readonly (Frame | undefined)[] => {
    const { node, rest } = one;
    switch (node.kind) {
      case 'byte':
        return node.allowed.has(byte) ? [rest] : [];
      case 'literal':
        if (node.bytes[one.count] !== byte) return [];
        return [
          one.count + 1 === node.bytes.length ? rest : frame(node, rest, { count: one.count + 1 }),
        ];
      case 'text': {
        if (one.max === 0) return [];
        const place = nextPlace(one.place, byte);
        if (place === noPlace) return [];
        const { min, max } = one;
        return [
          place === 0
            ? frame(node, rest, { min: Math.max(0, min - 1), max: max - 1 })
            : frame(node, rest, { min, max, place }),
        ];
      }
      default:
        return [];
    }
  };

  const near = (one: Frame | undefined, bytes: number): Frame | undefined => {
    if (one === undefined) return undefined;
    const chain: Frame[] = [];
    for (let each: Frame | undefined = one; each !== undefined; each = each.rest) chain.push(each);
    return chain.reduceRight<Frame | undefined>((rest, each) => {
      const min = Math.min(each.min, bytes + 1);
      const max = Math.min(each.max, bytes + 1);
      return frame(each.node, rest, { count: each.count, min, max, place: each.place });
    }, undefined);
  };

  return {
    start: settle([enter(root, undefined)]),
    step: (state, byte) => {
      const known = state.next.get(byte);
      if (known !== undefined) return known;
      const reached = state.frames.flatMap((one) => take(one, byte));
      const next = reached.length === 0 ? null : settle(reached);
      state.next.set(byte, next);
      steps += 1;
      return next;
    },
    near: (state, bytes) => {
      const clipped = state.frames.map((one) => near(one, bytes));
      return settle(state.complete ? [...clipped, undefined] : clipped);
    },
    get size() {
      return frames.size + states.size + steps;
    },
  };
};

/** What a frame leads to without a byte, likeliest first, and whether it waits for one itself. */
const expand = (
  one: Frame,
  enter: (node: Expression, rest: Frame | undefined) => Frame,
  frame: (
    node: Expression,
    rest: Frame | undefined,
    at: { readonly count?: number; readonly min?: number; readonly max?: number },
  ) => Frame,
): { readonly waits: boolean; readonly next: readonly (Frame | undefined)[] } => {
  const { node, rest, min, max } = one;
  switch (node.kind) {
    case 'byte':
      return { waits: true, next: [] };
    case 'literal':
      return node.bytes.length === 0 ? { waits: false, next: [rest] } : { waits: true, next: [] };
    case 'text':
      return { waits: max > 0, next: min === 0 && one.place === 0 ? [rest] : [] };
    case 'sequence': {
      const part = node.parts[one.count];
      if (part === undefined) return { waits: false, next: [rest] };
      const last = one.count + 1 === node.parts.length;
      const after = last ? rest : frame(node, rest, { count: one.count + 1 });
      return { waits: false, next: [enter(part, after)] };
    }
    case 'choice':
      return { waits: false, next: node.options.map((option) => enter(option, rest)) };
    case 'repeat': {
      const again = (): Frame =>
        enter(node.item, frame(node, rest, { min: Math.max(0, min - 1), max: max - 1 }));
      return { waits: false, next: [...(max > 0 ? [again()] : []), ...(min === 0 ? [rest] : [])] };
    }
    case 'rule':
      invariant(node.body !== undefined, `rule ${node.name} has a body`);
      return { waits: false, next: [enter(node.body, rest)] };
    default:
      return node satisfies never;
  }
};

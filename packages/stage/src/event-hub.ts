import type { ServerWritableStream } from '@grpc/grpc-js';
import { Fault } from '@isotherm/kernel';
import { isNear, statusOf } from '@isotherm/rpc';

export interface EventHubOptions {
  /** Most events that may wait for a slow router; past it its stream is ended and its work cancelled. */
  readonly pendingMax: number;
  /** How long an event that is only informative may wait for company, in milliseconds. */
  readonly lingerMs: number;
}

/**
 * The event streams of one instance, one a router. Events that happen together travel as one message: all tokens of
 * a decode step, or whatever else one turn of the event loop produced.
 */
export interface EventHub<Event> {
  /** Serves one Watch call; it replaces an earlier one of the same router. */
  attach(routerId: string, call: WatchCall<Event>): void;
  /**
   * Sends at the end of this turn of the event loop, or to a router in this process when what has just happened is worked
   * off. Dropped when the router does not watch.
   */
  emit(routerId: string, event: Event): void;
  /** Sends with the next event, at the latest after the linger time. */
  emitLazily(routerId: string, event: Event): void;
  /** Sends to every router. */
  broadcast(event: Event): void;
  watches(routerId: string): boolean;
  /** Ends every stream. */
  close(): void;
}

export type WatchCall<Event> = ServerWritableStream<
  { readonly routerId: string; readonly instanceId: string },
  { readonly events: Event[] }
>;

interface Subscriber<Event> {
  readonly call: WatchCall<Event>;
  pending: Event[];
  scheduled: boolean;
  lingering: NodeJS.Timeout | undefined;
  blocked: boolean;
}

export const createEventHub = <Event>(
  options: EventHubOptions,
  routerGone: (routerId: string) => void,
): EventHub<Event> => {
  const subscribers = new Map<string, Subscriber<Event>>();

  const flush = (subscriber: Subscriber<Event>): void => {
    subscriber.scheduled = false;
    clearTimeout(subscriber.lingering);
    subscriber.lingering = undefined;
    if (subscriber.blocked || subscriber.pending.length === 0) return;
    const events = subscriber.pending;
    subscriber.pending = [];
    if (subscriber.call.write({ events })) return;
    subscriber.blocked = true;
    subscriber.call.once('drain', () => {
      subscriber.blocked = false;
      flush(subscriber);
    });
  };

  const detach = (routerId: string, subscriber: Subscriber<Event>): void => {
    clearTimeout(subscriber.lingering);
    if (subscribers.get(routerId) !== subscriber) return;
    subscribers.delete(routerId);
    routerGone(routerId);
  };

  const enqueue = (routerId: string, subscriber: Subscriber<Event>, event: Event): boolean => {
    if (subscriber.pending.length >= options.pendingMax) {
      const fault = new Fault('saturated', `Router ${routerId} reads events too slowly.`);
      subscriber.call.emit('error', statusOf(fault));
      detach(routerId, subscriber);
      return false;
    }
    subscriber.pending.push(event);
    return true;
  };

  const emit = (routerId: string, event: Event): void => {
    const subscriber = subscribers.get(routerId);
    if (subscriber === undefined || !enqueue(routerId, subscriber, event)) return;
    if (subscriber.scheduled) return;
    subscriber.scheduled = true;
    // To a neighbour behind all that follows from what is happening, and before anything else happens; over the network a
    // message by itself is dear.
    if (isNear(subscriber.call)) process.nextTick(flush, subscriber);
    else setImmediate(flush, subscriber);
  };

  return {
    attach: (routerId, call) => {
      const earlier = subscribers.get(routerId);
      const subscriber: Subscriber<Event> = {
        call,
        pending: [],
        scheduled: false,
        lingering: undefined,
        blocked: false,
      };
      subscribers.set(routerId, subscriber);
      if (earlier !== undefined) {
        // A router opens another stream only after it gave up the earlier one, and all work with it.
        clearTimeout(earlier.lingering);
        earlier.call.end();
        routerGone(routerId);
      }
      call.on('cancelled', () => detach(routerId, subscriber));
      call.on('error', () => detach(routerId, subscriber));
    },
    emit,
    emitLazily: (routerId, event) => {
      const subscriber = subscribers.get(routerId);
      if (subscriber === undefined || !enqueue(routerId, subscriber, event)) return;
      if (subscriber.scheduled) return;
      subscriber.lingering ??= setTimeout(flush, options.lingerMs, subscriber);
    },
    broadcast: (event) => {
      for (const routerId of subscribers.keys()) emit(routerId, event);
    },
    watches: (routerId) => subscribers.has(routerId),
    close: () => {
      for (const subscriber of subscribers.values()) {
        flush(subscriber);
        subscriber.call.end();
      }
      subscribers.clear();
    },
  };
};

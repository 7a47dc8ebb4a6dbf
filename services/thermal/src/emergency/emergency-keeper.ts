import type { Logger } from '@isotherm/runtime';
import type { HistoryStore } from '../history/store.ts';
import type { RoomIndex } from '../topology/room-index.ts';
import { checkEmergency, type RawEmergency } from './check-emergency.ts';
import type { Declared, EmergencyBook } from './emergency-book.ts';

/** Keeps the emergencies that are on where the next process finds them: what is lost stays lost while nobody looks. */
export interface EmergencyKeeper {
  /** Brings back those that an earlier process of this room wrote down and whose time is not over. Never rejects. */
  restore(): Promise<void>;
  /** Writes down what is on, where something is or was. Never rejects; what failed is written with the next. */
  flush(): Promise<void>;
}

export interface EmergencyKeeperParts {
  readonly book: EmergencyBook;
  readonly store: Pick<HistoryStore, 'put' | 'read'>;
  readonly index: RoomIndex;
  readonly logger: Logger;
}

/** A month longer than the longest emergency with an end, in milliseconds; written again all the while it is on. */
const keptMs = 60 * 86_400_000;

export const emergencyKey = (prefix: string, room: string): string =>
  `${prefix}:thermal:emergencies:${room}`;

export const createEmergencyKeeper = (
  key: string,
  { book, store, index, logger }: EmergencyKeeperParts,
): EmergencyKeeper => {
  /** Whether the store may have emergencies that are over. */
  let isWritten = false;
  return {
    restore: async () => {
      try {
        const bytes = await store.read(key);
        if (bytes === undefined) return;
        isWritten = true;
        for (const one of keptOf(bytes, index, logger)) book.restore(one);
        const ids = book.active().map(({ id }) => id);
        if (ids.length > 0) logger.warn({ ids }, 'emergencies of an earlier service are still on');
      } catch (error) {
        logger.warn({ err: error }, 'emergencies not read');
      }
    },
    flush: async () => {
      const active = book.active();
      if (active.length === 0 && !isWritten) return;
      try {
        await store.put(key, Buffer.from(JSON.stringify(active)), keptMs);
        isWritten = active.length > 0;
      } catch (error) {
        logger.warn({ err: error }, 'emergencies not written');
      }
    },
  };
};

type Kept = Omit<Declared, 'sinceS'>;

/** What was written, as far as this room can have it: its plan may be another one by now. */
const keptOf = (bytes: Buffer, index: RoomIndex, logger: Logger): readonly Kept[] => {
  const read: unknown = JSON.parse(bytes.toString());
  if (!Array.isArray(read)) throw new TypeError('not a list of emergencies');
  return read.flatMap((raw: Partial<Declared> | null): readonly Kept[] => {
    try {
      const {
        kind = '',
        scope,
        toShare = 0,
        byK = 0,
        forS = 0,
        id = '',
        sinceMs = NaN,
      } = raw ?? {};
      if (!/^emergency-\d{1,9}$/.test(id) || !Number.isFinite(sinceMs)) {
        throw new TypeError('no emergency');
      }
      const place: RawEmergency['scope'] =
        scope === undefined ? null : { kind: scope.level, id: scope.id };
      const checked = checkEmergency({ kind, scope: place, toShare, byK, forS }, index);
      return [{ ...checked, id, sinceMs }];
    } catch (error) {
      logger.warn({ err: error, emergency: raw }, 'emergency left out');
      return [];
    }
  });
};

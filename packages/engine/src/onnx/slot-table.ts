/**
 * Which member has which slot. Members stay where they are; a freed slot is given to the next that comes. Only when
 * nobody came before a step are its holes closed, by moving the last members into them.
 */
export interface SlotTable<Member> {
  readonly size: number;
  /** Gives a member the lowest free slot. */
  take(member: Member): number;
  /** Frees a slot. */
  free(slot: number): void;
  /** Closes the holes: `move` is called for each member that has to change its slot. */
  compact(move: (from: number, to: number, member: Member) => void): void;
  /** Members by slot; undefined where a slot is free. */
  readonly slots: readonly (Member | undefined)[];
  find(matches: (member: Member) => boolean): number | undefined;
  /** Members in the order of their slots, without holes. */
  members(): readonly Member[];
}

export const createSlotTable = <Member extends object>(): SlotTable<Member> => {
  const slots: (Member | undefined)[] = [];
  const trim = (): void => {
    while (slots.length > 0 && slots.at(-1) === undefined) slots.pop();
  };
  const members = (): readonly Member[] => slots.filter((member) => member !== undefined);

  return {
    get size() {
      return members().length;
    },
    slots,
    members,
    take: (member) => {
      const hole = slots.indexOf(undefined);
      const slot = hole < 0 ? slots.length : hole;
      slots[slot] = member;
      return slot;
    },
    free: (slot) => {
      slots[slot] = undefined;
      trim();
    },
    compact: (move) => {
      for (let hole = slots.indexOf(undefined); hole >= 0; hole = slots.indexOf(undefined)) {
        const from = slots.length - 1;
        const member = slots[from];
        // The last slot is never free: `free` trims.
        if (member === undefined) return;
        move(from, hole, member);
        slots[hole] = member;
        slots.pop();
        trim();
      }
    },
    find: (matches) => {
      const slot = slots.findIndex((member) => member !== undefined && matches(member));
      return slot < 0 ? undefined : slot;
    },
  };
};

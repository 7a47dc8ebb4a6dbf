/** What came and went in a set since it was last asked: what did both, did neither. */
export interface NetChanges {
  add(key: string): void;
  remove(key: string): void;
  /** In the order in which they happened, and begins anew. */
  take(): { readonly added: readonly string[]; readonly removed: readonly string[] };
}

export const createNetChanges = (): NetChanges => {
  let added = new Set<string>();
  let removed = new Set<string>();
  return {
    add: (key) => {
      if (!removed.delete(key)) added.add(key);
    },
    remove: (key) => {
      if (!added.delete(key)) removed.add(key);
    },
    take: () => {
      const changes = { added: [...added], removed: [...removed] };
      added = new Set();
      removed = new Set();
      return changes;
    },
  };
};

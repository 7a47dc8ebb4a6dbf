import type { ColocationGroup, ServerPacking } from './contract.ts';

/**
 * Which instances share a server: in as few servers as their sizes need, the largest first, each to the server with room that has
 * the fewest of its own kind, so that stages that hand on to each other lie together and a server's heat is mixed. An instance
 * that is larger than a server has its own.
 */
export const packServers = (
  groups: readonly ColocationGroup[],
  serverSize: number,
): readonly ServerPacking[] => {
  const total = groups.reduce((sum, { size, instances }) => sum + size * instances, 0);
  const empty = (): Server => ({ counts: groups.map(() => 0), left: serverSize });
  const servers = Array.from({ length: Math.ceil(total / serverSize) }, empty);
  const bySize = groups
    .map((group, index) => ({ group, index }))
    .toSorted((a, b) => b.group.size - a.group.size || a.index - b.index);
  for (const { group, index } of bySize) {
    for (let instance = 0; instance < group.instances; instance += 1) {
      const fitting = servers.filter(({ left }) => left >= group.size);
      const fewest = Math.min(...fitting.map(({ counts }) => counts[index] ?? 0));
      const found = fitting.find(({ counts }) => (counts[index] ?? 0) === fewest);
      const chosen = found ?? servers.find(({ left }) => left === serverSize) ?? empty();
      if (!servers.includes(chosen)) servers.push(chosen);
      chosen.counts[index] = (chosen.counts[index] ?? 0) + 1;
      chosen.left -= group.size;
    }
  }
  return servers.map(({ counts }) => counts).filter((counts) => counts.some((count) => count > 0));
};

interface Server {
  readonly counts: number[];
  left: number;
}

import { expect, test } from '@jest/globals';
import { type RoomPlan } from './room-plan.ts';
import { checkRoomPlan } from './check-room-plan.ts';
import { exampleRoom } from './example-room.ts';

/** The plan in the names of its text form. */
const asText = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(asText);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, item]) => item !== undefined)
      .map(([key, item]) => [key.replace(/M3s$/, '_m3s').replace(/[A-Z]/g, lowered), asText(item)]),
  );
};

const lowered = (letter: string): string => `_${letter.toLowerCase()}`;

test('the demo room passes its check, and comes back from its text as it was', () => {
  const plan = exampleRoom();
  expect(checkRoomPlan(asText(plan))).toEqual({ kind: 'ok', plan: withAbsent(plan) });
});

test('its shape is what was asked for', () => {
  const plan = exampleRoom({ aisles: 3, rowsPerAisle: 2, racksPerRow: 4, serversPerRack: 5 });
  const servers = plan.rows.flatMap(({ racks }) => racks.flatMap((rack) => rack.servers));
  expect(plan.rows.map(({ aisle }) => aisle)).toEqual(['a1', 'a1', 'a2', 'a2', 'a3', 'a3']);
  expect(servers).toHaveLength(120);
  expect(servers.filter(({ tenant }) => tenant === 'opaque')).toHaveLength(40);
});

/** What the check names and the builder leaves out. */
function withAbsent(plan: RoomPlan): unknown {
  return {
    ...plan,
    aisles: plan.aisles.map((aisle) => ({
      ...{ airJk: undefined, metalJk: undefined, couplingWk: undefined },
      ...aisle,
    })),
  };
}

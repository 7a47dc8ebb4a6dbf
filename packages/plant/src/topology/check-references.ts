import type { DocumentProblem } from '@isotherm/kernel';
import type { RoomPlan } from './room-plan.ts';

interface Named {
  readonly path: string;
  readonly id: string;
}

/** Ids that occur twice, and rows that name an aisle or a UPS that is not there. */
export const referenceProblems = (plan: RoomPlan): readonly DocumentProblem[] => {
  const aisles = named(plan.aisles, 'aisles');
  const ups = named(plan.ups.units, 'ups.units');
  const ahus = plan.aisles.flatMap(({ ahus: list }, index) => named(list, `aisles[${index}].ahus`));
  const racks = plan.rows.flatMap(({ racks: list }, index) => named(list, `rows[${index}].racks`));
  const servers = plan.rows.flatMap(({ racks: list }, row) =>
    list.flatMap(({ servers: below }, rack) => named(below, `rows[${row}].racks[${rack}].servers`)),
  );
  return [
    ...[aisles, ups, ahus, named(plan.rows, 'rows'), racks, servers].flatMap(duplicates),
    ...plan.rows.flatMap(({ aisle, ups: unit }, index) => [
      ...dangling(aisles, aisle, `rows[${index}].aisle`),
      ...dangling(ups, unit, `rows[${index}].ups`),
    ]),
    ...pointProblems(plan),
  ];
};

const named = (list: readonly { readonly id: string }[], path: string): readonly Named[] =>
  list.map(({ id }, index) => ({ path: `${path}[${index}].id`, id }));

/** An id that could not be read is empty, and has its problem already. */
const duplicates = (list: readonly Named[]): readonly DocumentProblem[] => {
  const first = new Map<string, string>();
  return list.flatMap(({ path, id }) => {
    const other = first.get(id);
    if (id === '') return [];
    if (other === undefined) {
      first.set(id, path);
      return [];
    }
    return [{ path, message: `${id} is already the id at ${other}` }];
  });
};

const dangling = (list: readonly Named[], id: string, path: string): readonly DocumentProblem[] =>
  id === '' || list.some((item) => item.id === id)
    ? []
    : [{ path, message: `names ${id}, which the plan does not have` }];

const pointProblems = ({ outside }: RoomPlan): readonly DocumentProblem[] => {
  if (outside.kind !== 'steps') return [];
  return outside.points.flatMap(({ atS }, index) => {
    const before = outside.points[index - 1];
    if (before === undefined || before.atS < atS) return [];
    return [
      { path: `outside.points[${index}].at_s`, message: 'must be later than the one before' },
    ];
  });
};

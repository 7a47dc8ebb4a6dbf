/** A Redfish resource: JSON that a management controller sent, of which nothing is certain. */
export type Resource = Readonly<Record<string, unknown>>;

export const isResource = (value: unknown): value is Resource =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** The value at a path of property names. */
export const at = (resource: unknown, ...path: readonly string[]): unknown =>
  path.reduce<unknown>(
    (value, name) => (isResource(value) && Object.hasOwn(value, name) ? value[name] : undefined),
    resource,
  );

/** A number, or NaN for what is there and is none, which the intake puts aside; undefined where there is nothing. */
export const numberAt = (resource: unknown, ...path: readonly string[]): number | undefined => {
  const value = at(resource, ...path);
  if (value === undefined || value === null) return undefined;
  return typeof value === 'number' ? value : Number.NaN;
};

export const textAt = (resource: unknown, ...path: readonly string[]): string | undefined => {
  const value = at(resource, ...path);
  return typeof value === 'string' ? value : undefined;
};

export const listAt = (resource: unknown, ...path: readonly string[]): readonly unknown[] => {
  const value = at(resource, ...path);
  return Array.isArray(value) ? (value as readonly unknown[]) : [];
};

/** Where a property links to. */
export const linkAt = (resource: unknown, ...path: readonly string[]): string | undefined =>
  textAt(resource, ...path, '@odata.id');

/** Where a collection's members are. */
export const membersOf = (collection: unknown): readonly string[] =>
  listAt(collection, 'Members').flatMap(
    (member) => linkAt(member) ?? textAt(member, '@odata.id') ?? [],
  );

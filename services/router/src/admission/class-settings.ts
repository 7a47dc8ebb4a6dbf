import {
  defaultSloClasses,
  defaultTenantLimits,
  isTenantName,
  type SloClasses,
  sloClassNames,
  type TenantLimits,
} from '@isotherm/policy';
import type { Setting } from '@isotherm/runtime';
import { z } from 'zod';
import { jsonOf } from '../json-of.ts';

/** Longest time that a class may promise or wait, in milliseconds. */
const msMax = 86_400_000;
const ms = z.number().min(0).max(msMax);

const sloClass = z
  .strictObject({
    ttftMs: ms,
    ttftTokenMs: z.number().min(0).max(60_000),
    tokenMs: ms,
    waitMsMax: ms,
    giveUpMs: ms,
    promoteMs: ms,
    placesShareMax: z.number().gt(0).max(1),
  })
  .partial();
const sloClasses = z.strictObject({
  interactive: sloClass.optional(),
  standard: sloClass.optional(),
  batch: sloClass.optional(),
});

/** What each service class promises: a JSON object over the defaults, field by field. */
export const sloClassesSetting: Setting<SloClasses> = {
  env: 'ISOTHERM_SLO_CLASSES',
  about: 'what each service class promises, as a JSON object over the defaults',
  fallback: defaultSloClasses,
  parse: (raw) => {
    const parsed = sloClasses.safeParse(jsonOf(raw));
    if (!parsed.success) return { problem: problemOf('service classes', parsed.error) };
    const { data } = parsed;
    const entries = sloClassNames.map((name) => {
      const own = Object.entries(data[name] ?? {}).filter(([, value]) => value !== undefined);
      return [name, Object.freeze({ ...defaultSloClasses[name], ...Object.fromEntries(own) })];
    });
    return Object.freeze(Object.fromEntries(entries)) as SloClasses;
  },
};

/** Limits of tenants by name; `*` is every tenant that is not named. */
export type TenantTable = Readonly<Record<string, TenantLimits>>;

/** The entry for tenants without one of their own: no tenant can have this name. */
export const everyOther = '*';
const tenantsMax = 10_000;

const limits = z
  .strictObject({
    weight: z.number().min(0.01).max(1000).default(1),
    tokensPerS: z.number().gt(0).max(1e12).optional(),
    burstTokens: z.number().min(1).max(1e15).optional(),
    waitingMax: z.int().min(0).max(1e6).optional(),
  })
  .transform((given): TenantLimits => {
    const tokensPerS = given.tokensPerS ?? defaultTenantLimits.tokensPerS;
    return Object.freeze({
      weight: given.weight,
      tokensPerS,
      // Ten seconds' worth is a burst, where nothing else was said.
      burstTokens: given.burstTokens ?? tokensPerS * 10,
      waitingMax: given.waitingMax ?? defaultTenantLimits.waitingMax,
    });
  });
const tenants = z
  .record(
    z.string().refine((name) => name === everyOther || isTenantName(name), 'not a tenant name'),
    limits,
  )
  .refine((map) => Object.keys(map).length <= tenantsMax, `must have at most ${tenantsMax}`);

/** What tenants are entitled to, as a JSON object by name. */
export const tenantsSetting: Setting<TenantTable> = {
  env: 'ISOTHERM_TENANTS',
  about: 'weights and limits of tenants, as a JSON object by name; `*` is for all others',
  fallback: {},
  parse: (raw) => {
    const parsed = tenants.safeParse(jsonOf(raw));
    if (!parsed.success) return { problem: problemOf('tenants', parsed.error) };
    return Object.freeze(parsed.data);
  },
};

export const limitsOf = (table: TenantTable, tenant: string): TenantLimits =>
  (Object.hasOwn(table, tenant) ? table[tenant] : table[everyOther]) ?? defaultTenantLimits;

/** The first problem, with the place in the object where it is. */
const problemOf = (what: string, { issues: [issue] }: z.ZodError): string => {
  const place = issue === undefined || issue.path.length === 0 ? '' : `${issue.path.join('.')}: `;
  return `must be a JSON object of ${what}: ${place}${issue?.message ?? ''}`;
};

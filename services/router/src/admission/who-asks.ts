import { Fault } from '@isotherm/kernel';
import { isTenantName, type SloClassName, sloClassNames } from '@isotherm/policy';

/** HTTP headers and gRPC metadata that say whose a request is and how urgent. */
export const tenantHeader = 'x-isotherm-tenant';
export const sloClassHeader = 'x-isotherm-slo-class';

/** A tenant's name as a client gave it; throws `invalid_argument` at the field or header. */
export const parseTenant = (text: string, param: string): string => {
  if (isTenantName(text)) return text;
  const message = `${param} must have 1 to 64 characters of letters, digits and ._-.`;
  throw new Fault('invalid_argument', message, { param });
};

/** A service class as a client gave it; throws `invalid_argument` at the field or header. */
export const parseSloClass = (text: string, param: string): SloClassName => {
  const known = sloClassNames.find((name) => name === text);
  if (known !== undefined) return known;
  const message = `${param} must be one of ${sloClassNames.join(', ')}.`;
  throw new Fault('invalid_argument', message, { param });
};

/** What the headers of a call say; what they do not mention is left out. */
export const askedByHeaders = (
  headerOf: (name: string) => string | undefined,
): { readonly tenant?: string; readonly sloClass?: SloClassName } => {
  const tenant = headerOf(tenantHeader);
  const sloClass = headerOf(sloClassHeader);
  return {
    ...(tenant !== undefined && { tenant: parseTenant(tenant, tenantHeader) }),
    ...(sloClass !== undefined && { sloClass: parseSloClass(sloClass, sloClassHeader) }),
  };
};

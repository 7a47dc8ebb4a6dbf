/** What is wrong with a room while a step lasts. Shares are of what there is when nothing is wrong. */
export type Disturbance =
  /** Airflow and coils of an aisle are down to a share. */
  | { readonly kind: 'cooling'; readonly aisle: string; readonly share: number }
  | { readonly kind: 'ahu'; readonly ahu: string }
  /** Capacity is down to a share: of one row, of one UPS, or of every UPS. */
  | {
      readonly kind: 'power';
      readonly share: number;
      readonly row?: string | undefined;
      readonly ups?: string | undefined;
    }
  | { readonly kind: 'ups'; readonly ups: string }
  /** So much warmer outside. */
  | { readonly kind: 'heat-wave'; readonly addK: number };

/** A room's disturbances together, by place; the worse of two of a kind counts. */
export interface Conditions {
  readonly coolingShare: ReadonlyMap<string, number>;
  readonly lostAhus: ReadonlySet<string>;
  readonly rowShare: ReadonlyMap<string, number>;
  readonly upsShare: ReadonlyMap<string, number>;
  readonly allUpsShare: number;
  readonly lostUps: ReadonlySet<string>;
  readonly warmerK: number;
}

const warmerKMax = 40;

export const conditionsOf = (disturbances: readonly Disturbance[]): Conditions => {
  const coolingShare = new Map<string, number>();
  const rowShare = new Map<string, number>();
  const upsShare = new Map<string, number>();
  const lostAhus = new Set<string>();
  const lostUps = new Set<string>();
  let allUpsShare = 1;
  let warmerK = 0;
  for (const disturbance of disturbances) {
    switch (disturbance.kind) {
      case 'cooling':
        lower(coolingShare, disturbance.aisle, disturbance.share);
        break;
      case 'ahu':
        lostAhus.add(disturbance.ahu);
        break;
      case 'power':
        if (disturbance.row !== undefined) lower(rowShare, disturbance.row, disturbance.share);
        if (disturbance.ups !== undefined) lower(upsShare, disturbance.ups, disturbance.share);
        if (disturbance.row === undefined && disturbance.ups === undefined) {
          allUpsShare = Math.min(allUpsShare, asShare(disturbance.share));
        }
        break;
      case 'ups':
        lostUps.add(disturbance.ups);
        break;
      case 'heat-wave':
        warmerK = Math.max(warmerK, asKelvin(disturbance.addK));
        break;
      default:
        disturbance satisfies never;
    }
  }
  return { coolingShare, lostAhus, rowShare, upsShare, allUpsShare, lostUps, warmerK };
};

const lower = (shares: Map<string, number>, id: string, share: number): void => {
  shares.set(id, Math.min(shares.get(id) ?? 1, asShare(share)));
};

/** Not a number is taken for the worst. */
const asKelvin = (addK: number): number => (addK < warmerKMax ? addK : warmerKMax);

/** Not a number is taken for all of it lost: nobody must count on what is not known. */
const asShare = (share: number): number => (share > 0 ? Math.min(1, share) : 0);

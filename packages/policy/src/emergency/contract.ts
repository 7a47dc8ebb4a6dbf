/** What has gone wrong in a room. */
export type Emergency =
  /** An aisle's air, or one of its units, gives only this share of what it gave. */
  | { readonly kind: 'cooling' | 'ahu'; readonly aisle: string; readonly share: number }
  /** Power is limited to this share: of one level, or of all rows and UPSs. */
  | { readonly kind: 'power'; readonly share: number; readonly at?: string }
  /** One UPS is lost. The others take over what it fed. */
  | { readonly kind: 'ups'; readonly ups: string }
  /** It becomes so much warmer outside, or wherever the air comes from. */
  | { readonly kind: 'heat-wave'; readonly riseK: number };

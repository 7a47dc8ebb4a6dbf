/** What an engine has loaded: to go from one to another is a reload. */
export interface Variant {
  /** The name of a model folder, or of a profile. */
  readonly model: string;
  /** As the folder or the profile names it: fp32, int8, bf16. */
  readonly precision: string;
  /** Threads inside one operator, on processors. */
  readonly threads: number;
}

export const isSameVariant = (one: Variant, other: Variant): boolean =>
  one.model === other.model && one.precision === other.precision && one.threads === other.threads;

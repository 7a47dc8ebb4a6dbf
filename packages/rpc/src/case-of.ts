/**
 * A protobuf oneof as a discriminated union. proto-loader gives `{ a?, b?, event: 'a' | 'b' }`; this gives
 * `{ kind: 'a', value: A } | { kind: 'b', value: B }`, or undefined when a newer peer sent a case that is unknown here.
 */
export type CaseOf<Message, Field extends keyof Message> = {
  [Kind in Extract<Message[Field], keyof Message>]: {
    readonly kind: Kind;
    readonly value: NonNullable<Message[Kind]>;
  };
}[Extract<Message[Field], keyof Message>];

export const caseOf = <Message extends object, Field extends keyof Message>(
  message: Message,
  field: Field,
): CaseOf<Message, Field> | undefined => {
  const kind = message[field] as keyof Message | undefined;
  if (kind === undefined) return undefined;
  const value = message[kind];
  return value === undefined || value === null
    ? undefined
    : ({ kind, value } as unknown as CaseOf<Message, Field>);
};

// Primitives as JSON text, for the store: octets become base64 under a key no element can have.

const octetsKey = '$octets';

export const toJson = (value: unknown): string =>
  JSON.stringify(value, (_key, one: unknown) =>
    one instanceof Uint8Array ? { [octetsKey]: Buffer.from(one).toString('base64') } : one,
  );

/** Throws SyntaxError. Most texts hold no octets; asking about every property takes six times as long as reading them. */
export const fromJson = (text: string): unknown =>
  text.includes(octetsKey)
    ? JSON.parse(text, (_key, one: unknown) => {
        const octets = (one as Record<string, unknown> | null)?.[octetsKey];
        return typeof octets === 'string' ? new Uint8Array(Buffer.from(octets, 'base64')) : one;
      })
    : JSON.parse(text);

/** Largest payload in bytes that is small: prompts, embeddings of a picture, KV caches of a few tokens. */
export const smallBytesMax = 1 << 16;

/** Most pulls of small payloads in one message. */
export const smallPullsMax = 64;

/** Parts of the due indexes: each takes 1,000 writes a second, and each is swept by itself. More can be added at any time. */
export const SHARDS = 64;

import type { IncomingMessage } from 'node:http';

/**
 * The whole body, or `too_large` above `limit` bytes. What is too large is read to its end and thrown away: a client that is still
 * sending would otherwise see a broken connection instead of the answer.
 */
export const readBody = async (request: IncomingMessage, limit: number): Promise<Buffer | 'too_large'> => {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request) {
    size += chunk.length;
    if (size <= limit) chunks.push(chunk);
    else chunks.length = 0;
  }
  return size <= limit ? Buffer.concat(chunks) : 'too_large';
};

import type { Answer, MemoryTable, Operation } from './memory-table.ts';
import type { Request } from './request.ts';

/** What becomes of one attempt at a request: an answer, or none in time. */
export type Reply = Answer | { readonly ok: false; readonly timedOut: true };

/** Where requests go. Faults are another one in front of the table's. */
export type Endpoint = (operation: Operation, request: Request) => Promise<Reply>;

export const endpointOf =
  (table: MemoryTable): Endpoint =>
  async (operation, request) =>
    table.answer(operation, request);

/** What the SDK's HTTP handler throws where no answer comes. */
export const timeoutError = (): Error =>
  Object.assign(new Error('no answer came in time'), { name: 'TimeoutError', code: 'ETIMEDOUT' });

export const statusOf = (type: string): number => (type === 'InternalServerError' ? 500 : 400);

import { onTestFinished } from 'vitest';
import type { ProxyEvent } from '../../local/event.ts';
import { openFront } from '../../local/front.ts';
import { createGateway } from '../../local/gateway.ts';
import { type Issuer, openIssuer } from '../../local/issuer.ts';
import { readHttpApi } from '../../local/routes.ts';
import { readTemplate } from '../../local/template.ts';
import { issuerData } from './issuer-data.ts';
import { smallResources, writeAssembly } from './small-stack.ts';

export const NOW_MS = Date.UTC(2027, 0, 2, 3, 4, 5, 6);

const routes = [
  { key: 'GET /v1/pricing' },
  { key: 'POST /v1/echo' },
  { key: 'GET /v1/runs/{runId}', scopes: ['credits/user', 'credits/agent'] },
  { key: 'POST /v1/runs/{runId}/settle', scopes: ['credits/agent'] },
  { key: 'GET /v1/runs/latest', scopes: [] },
];

export interface SmallApi {
  readonly url: string;
  readonly port: number;
  readonly issuer: Issuer;
  /** What the function was called with, in order. */
  readonly events: readonly ProxyEvent[];
}

/** The gateway on a port of its own, before one function that gives `result`. */
export const smallApi = async (result: (event: ProxyEvent) => unknown, cors?: object): Promise<SmallApi> => {
  const api = readHttpApi(readTemplate(writeAssembly(smallResources(routes, cors))));
  const issuer = await openIssuer(issuerData, () => NOW_MS);
  const events: ProxyEvent[] = [];
  const invoke = async (_functionId: string, event: ProxyEvent) => {
    events.push(event);
    return result(event);
  };
  const front = await openFront(0);
  onTestFinished(front.close);
  front.open(createGateway({ api, issuer, now: () => NOW_MS, invoke }));
  return { url: front.url, port: front.port, issuer, events };
};

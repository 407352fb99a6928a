import { createServer, type IncomingMessage, type Server } from 'node:http';
import { type Answer, gatewayAnswer, send } from './http-answer.ts';
import { StartupProblem } from './startup-problem.ts';

/** How long a request under way may still take when everything ends. */
const LAST_WORDS_MS = 1_000;

type Serve = (request: IncomingMessage) => Promise<Answer>;

/** The port of this machine, taken at once so that a second start fails before it has done anything. */
export interface Front {
  readonly port: number;
  readonly url: string;
  /** From now on requests are answered; those that came before have waited. */
  readonly open: (serve: Serve) => void;
  readonly close: () => Promise<void>;
}

const codeOf = (error: unknown): unknown => (error instanceof Error && 'code' in error ? error.code : undefined);

const listen = (server: Server, port: number, host: string): Promise<number> =>
  new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => {
      server.off('error', reject);
      const address = server.address();
      resolve(address !== null && typeof address === 'object' ? address.port : port);
    });
  });

const taken = (port: number): StartupProblem =>
  new StartupProblem(`Port ${port} is taken by another program. Choose another: PORT=${(port % 65_535) + 1} npm start`);

const close = async (server: Server): Promise<void> => {
  if (!server.listening) return;
  const closed = new Promise((resolve) => server.close(resolve));
  const timer = setTimeout(() => server.closeAllConnections(), LAST_WORDS_MS);
  await closed;
  clearTimeout(timer);
};

/** Listens on `localhost`, in both address families where there are two. Port 0 is any free one. */
export const openFront = async (wanted: number): Promise<Front> => {
  let open: Front['open'] = () => {};
  const opened = new Promise<Serve>((resolve) => {
    open = resolve;
  });
  const newServer = () =>
    createServer(async (request, response) => {
      const serve = await opened;
      const answer = await serve(request).catch((error: unknown) => {
        // A client that goes away in the middle of its body is no fault of ours.
        if (!request.destroyed || codeOf(error) !== 'ECONNRESET') console.error(error);
        return gatewayAnswer.internal;
      });
      send(response, answer);
    });
  const servers = [newServer(), newServer()] as const;

  let port = wanted;
  try {
    port = await listen(servers[0], wanted, '127.0.0.1');
    await listen(servers[1], port, '::1').catch((error: unknown) => {
      if (codeOf(error) === 'EADDRINUSE') throw error;
    });
  } catch (error) {
    await Promise.all(servers.map(close));
    if (codeOf(error) === 'EADDRINUSE') throw taken(port);
    if (codeOf(error) === 'EACCES')
      throw new StartupProblem(`Port ${port} needs rights this user has not. Choose one above 1023.`);
    throw error;
  }
  return {
    port,
    url: `http://localhost:${port}`,
    open,
    close: async () => {
      await Promise.all(servers.map(close));
    },
  };
};

import type { ServerResponse } from 'node:http';

/** What goes back to a client. Header names in lower case. */
export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | readonly string[]>>;
  readonly body: string | Buffer;
}

export const json = (status: number, body: unknown, headers: Answer['headers'] = {}): Answer => ({
  status,
  headers: { 'content-type': 'application/json', ...headers },
  body: JSON.stringify(body),
});

/** API Gateway's own answers, which no function has seen. */
export const gatewayAnswer = {
  badRequest: json(400, { message: 'Bad Request' }),
  unauthorized: (challenge: string) => json(401, { message: 'Unauthorized' }, { 'www-authenticate': challenge }),
  forbidden: json(403, { message: 'Forbidden' }),
  notFound: json(404, { message: 'Not Found' }),
  tooLarge: json(413, { message: 'Request Entity Too Large' }),
  internal: json(500, { message: 'Internal Server Error' }),
} as const;

export const send = (response: ServerResponse, { status, headers, body }: Answer): void => {
  for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
  const bodiless = status === 204 || status === 304;
  if (!bodiless) response.setHeader('content-length', Buffer.byteLength(body));
  response.statusCode = status;
  response.end(bodiless ? undefined : body);
};

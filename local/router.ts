import type { Route } from './routes.ts';

export interface Match {
  readonly route: Route;
  readonly pathParameters: Readonly<Record<string, string>>;
}

const parameter = /^\{(.+)\}$/;

/**
 * The path of a request as an HTTP API sees it, or `undefined` where its percent-encoding is broken. It is decoded before anything
 * else looks at it, so `%2F` separates segments like `/`, and a decoded `?` ends the path
 * (seen by others: honojs/hono#2156, middleapi/standard-server#93).
 */
export const decodedPath = (rawPath: string): string | undefined => {
  try {
    return decodeURIComponent(rawPath).replace(/\?.*$/s, '');
  } catch {
    return undefined;
  }
};

const matchSegments = (route: Route, segments: readonly string[]): Match | undefined => {
  if (route.segments.length !== segments.length) return undefined;
  const found: [string, string][] = [];
  for (const [index, pattern] of route.segments.entries()) {
    const segment = segments[index] ?? '';
    const name = parameter.exec(pattern)?.[1];
    if (name === undefined ? pattern !== segment : segment === '') return undefined;
    if (name !== undefined) found.push([name, segment]);
  }
  return { route, pathParameters: Object.fromEntries(found) };
};

/** The most specific route wins. A trailing slash makes another path; HEAD is not GET. */
export const matchRoute = (routes: readonly Route[], method: string, path: string): Match | undefined => {
  const segments = path.split('/').slice(1);
  const matches = routes.flatMap((route) => (route.method === method ? (matchSegments(route, segments) ?? []) : []));
  const parameters = ({ pathParameters }: Match) => Object.keys(pathParameters).length;
  return matches.sort((a, b) => parameters(a) - parameters(b))[0];
};

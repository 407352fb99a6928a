/** One call of the API over HTTP; throws with status and body when it is refused. */
export type Call = (method: string, path: string, token?: string, body?: unknown) => Promise<unknown>;

export const localClient =
  (url: string): Call =>
  async (method, path, token, body) => {
    const response = await fetch(url + path, {
      method,
      headers: {
        ...(token !== undefined && { authorization: `Bearer ${token}` }),
        ...(body !== undefined && { 'content-type': 'application/json' }),
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`${method} ${path} was answered ${response.status}: ${text}`);
    return JSON.parse(text);
  };

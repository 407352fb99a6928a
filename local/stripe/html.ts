import type { Answer } from '../http-answer.ts';

const ESCAPES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** Markup that has been made of escaped parts. */
export interface Html {
  readonly markup: string;
}

const markupOf = (part: string | number | Html | readonly Html[]): string => {
  if (typeof part === 'string' || typeof part === 'number')
    return String(part).replace(/[&<>"']/g, (character) => ESCAPES[character] ?? character);
  return 'markup' in part ? part.markup : part.map(({ markup }) => markup).join('\n');
};

/** A template whose texts are escaped. */
export const html = (
  pieces: TemplateStringsArray,
  ...parts: readonly (string | number | Html | readonly Html[])[]
): Html => ({
  markup: pieces.map((piece, index) => piece + (parts[index] === undefined ? '' : markupOf(parts[index]))).join(''),
});

export const NOTHING: Html = { markup: '' };

const STYLE = `
  body { font: 16px/1.5 system-ui, sans-serif; max-width: 34rem; margin: 3rem auto; padding: 0 1rem; color: #1a1f36; }
  small, .note { color: #5d6673; }
  table { width: 100%; border-collapse: collapse; margin: 1rem 0; }
  td, th { padding: .4rem .5rem .4rem 0; border-bottom: 1px solid #d8dde6; text-align: left; font-weight: inherit; }
  thead th, tfoot * { font-weight: 600; }
  td.amount, th.amount { text-align: right; }
  form { display: inline-block; margin: .25rem .5rem .25rem 0; }
  button { font: inherit; padding: .5rem 1rem; border: 1px solid #8b95a5; border-radius: .4rem; background: #fff; cursor: pointer; }
  button.main { background: #4a3fd6; border-color: #4a3fd6; color: #fff; }
  :focus-visible { outline: 3px solid #1c7ed6; outline-offset: 2px; }
  .alert { padding: .75rem 1rem; border-radius: .4rem; background: #fdecea; color: #7a1c12; }
`;

/** A whole page. It runs no script and loads nothing. */
export const page = (status: number, title: string, body: Html): Answer => ({
  status,
  headers: {
    'content-type': 'text/html; charset=utf-8',
    'cache-control': 'no-store',
    'content-security-policy': "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; frame-ancestors 'none'",
  },
  body: html`<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title}</title>
<style>${{ markup: STYLE }}</style>
<main>
<h1>${title}</h1>
${body}
<p><small>A stand-in for Stripe on this machine. No money moves.</small></p>
</main>
</html>
`.markup,
});

/** A form of one button, which posts to the page it is on. */
export const button = (
  label: string,
  fields: Readonly<Record<string, string>>,
  main = false,
): Html => html`<form method="post">
${Object.entries(fields).map(([name, value]) => html`<input type="hidden" name="${name}" value="${value}">`)}
<button${main ? { markup: ' class="main"' } : NOTHING}>${label}</button>
</form>`;

export const seeOther = (location: string): Answer => ({ status: 303, headers: { location }, body: '' });

/** `49.00 USD`: two digits behind the point, whatever the currency. */
export const money = (amount: number, currency: string): string =>
  `${(amount / 100).toFixed(2)} ${currency.toUpperCase()}`;

import type { Answer } from './http-answer.ts';
import { html, page } from './stripe/html.ts';

/** Where Checkout and the portal lead back to on this machine; a front end of one's own is there in production. */
export const APP_PATH = '/local/app';

/** What stands there, at any path below. */
export const appPage = (path: string): Answer =>
  page(
    200,
    'Back in your app',
    html`<p>Your own front end would be here: <code>${path}</code>.</p>
<p class="note">Credits come with the payment's confirmation, never with this page.</p>`,
  );

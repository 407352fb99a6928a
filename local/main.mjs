// `npm start`: installs what is missing, then goes on in this very process, so that a signal to npm reaches it.
import './install.mjs';

const { register } = await import('tsx/esm/api');
register();
await import('./start.ts');

import { writeFileSync } from 'node:fs';
import { eventsDocument } from '../lib/http/contract/events/events-document.ts';

writeFileSync(new URL('../docs/events.md', import.meta.url), eventsDocument());

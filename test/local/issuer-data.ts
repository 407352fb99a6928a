import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from 'vitest';

/** A data directory for the issuer of all tests of a file: its key takes a moment to make. */
export const issuerData = mkdtempSync(join(tmpdir(), 'credits-issuer-'));
afterAll(() => rmSync(issuerData, { recursive: true }));

import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import type { Defect } from './defect.ts';
import { DEFECTS } from './defects.ts';
import { type Found, finderOf, snapshotOf, workersOf } from './run-defect.ts';

/**
 * Plants one defect after the other in a copy of the project and has the simulation look for it:
 * `npm run simulate:planted -- --histories 5000 --only "hold: twice" --at-once 2`. Ends with 1 where one is not found, or where a
 * history fails that has nothing planted in it: what fails anyway finds nothing.
 */
const { values } = parseArgs({
  options: {
    histories: { type: 'string', default: '5000' },
    only: { type: 'string', multiple: true },
    'at-once': { type: 'string', default: String(Math.min(4, availableParallelism())) },
  },
});
const histories = Number(values.histories);
const ROOT = fileURLToPath(new URL('../../..', import.meta.url));

const chosen = DEFECTS.filter(
  ({ name }) => values.only === undefined || values.only.some((part) => name.includes(part)),
);
if (chosen.length === 0) throw new Error(`no defect is called ${values.only?.join(' or ')}`);

const row = ({ name }: Defect, found: Found | null): string => {
  const after = found === null ? '–' : found.by === 'histories' ? String(found.after) : found.by;
  const by =
    found === null ? `not found in ${histories} histories` : found.failure.replaceAll(/\s+/g, ' ').slice(0, 110);
  return `${name.padEnd(46)} ${after.padStart(12)}  ${by}`;
};

const project = snapshotOf(ROOT);
const sound = await workersOf(project, []);
const queue = [...chosen];
let missed = 0;
const unsound = new Map<number, string>();

const work = async (): Promise<void> => {
  for (let defect = queue.shift(); defect !== undefined; defect = queue.shift()) {
    const found = await finderOf(project, sound, defect, histories, ({ seed, failure }) => unsound.set(seed, failure));
    if (found === null) missed++;
    console.log(row(defect, found));
  }
};

console.log(`${'defect'.padEnd(46)} ${'histories'.padStart(12)}  found by`);
await Promise.all(Array.from({ length: Math.max(1, Number(values['at-once'])) }, work)).finally(() => {
  project.throwAway();
  return sound.close();
});
console.log(`${chosen.length - missed} of ${chosen.length} planted defects found`);
for (const [seed, failure] of unsound) console.log(`with nothing planted, seed ${seed} fails: ${failure}`);
if (missed > 0 || unsound.size > 0) process.exitCode = 1;

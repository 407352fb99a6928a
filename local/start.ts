import { relative } from 'node:path';
import { prepareAwsEnvironment } from './aws-environment.ts';
import { projectRoot, readSettings, type Settings } from './settings.ts';
import { StartupProblem } from './startup-problem.ts';
import { tellStory } from './story.ts';
import { type LocalSystem, startSystem } from './system.ts';

const say = (line: string): void => console.log(line);

const whereDataIs = ({ dynamodbEndpoint, dataDir }: Settings): string =>
  dynamodbEndpoint === undefined
    ? `embedded database; data stays in ${relative(projectRoot, dataDir) || dataDir}`
    : `database at ${dynamodbEndpoint}`;

/** Calls back once, on whatever should end this process. */
const onEnd = (end: () => void): void => {
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, end);
};

const main = async (): Promise<void> => {
  const settings = readSettings(process.env);
  prepareAwsEnvironment(process.env, settings.dynamodbEndpoint === undefined);

  const ending = new AbortController();
  onEnd(() => ending.abort());
  const begunMs = performance.now();
  say('Starting …');
  let system: LocalSystem;
  try {
    system = await startSystem(settings, say, ending.signal);
  } catch (error) {
    if (ending.signal.aborted) return;
    throw error;
  }

  const ended = new Promise<void>((resolve) => ending.signal.addEventListener('abort', () => resolve()));
  const seconds = ((performance.now() - begunMs) / 1_000).toFixed(1);
  say(`Ready after ${seconds} s: ${system.url} (${whereDataIs(settings)})`);
  if (settings.stripe !== undefined)
    say(`Payments go through Stripe's test mode: stripe listen --forward-to ${system.url}/v1/webhooks/stripe`);
  if (settings.story && !ending.signal.aborted) await Promise.race([tellStory(system.url, process.stdout), ended]);

  const reason = ending.signal.aborted ? undefined : await Promise.race([ended, system.died]);
  await system.stop();
  if (typeof reason === 'string') throw new StartupProblem(`The database engine has ended by itself. ${reason}`.trim());
};

main().then(
  () => process.exit(0),
  (error: unknown) => {
    console.error(error instanceof StartupProblem ? error.message : error);
    process.exit(1);
  },
);

import { onTestFinished, vi } from 'vitest';

/** Gives the environment that Lambda gives; answers with the lines written to standard output and error from now until the test has finished. */
export const heardOutput = (): string[] => {
  vi.stubEnv('AWS_REGION', 'eu-central-1');
  vi.stubEnv('AWS_ACCESS_KEY_ID', 'test');
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'test');
  const log: string[] = [];
  const said = (line: unknown) => log.push(String(line).trimEnd()) > 0;
  const spies = [
    vi.spyOn(process.stdout, 'write').mockImplementation(said),
    vi.spyOn(process.stderr, 'write').mockImplementation(said),
    vi.spyOn(console, 'error').mockImplementation((line: unknown) => void said(JSON.stringify(line))),
  ];
  onTestFinished(() => {
    vi.unstubAllEnvs();
    for (const spy of spies) spy.mockRestore();
  });
  return log;
};

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { projectRoot } from '../../local/settings.ts';

/** `npm run audit` on the running system's table: what it said, and whether it found nothing. */
export const audit = async (env: Readonly<Record<string, string>>): Promise<{ said: string; isSound: boolean }> => {
  const child = spawn(process.execPath, ['--import', 'tsx', 'bin/audit.ts'], {
    cwd: projectRoot,
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const [said, complaints] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'exit')]);
  return { said: `${said}${child.exitCode === 0 ? '' : complaints}`.trim(), isSound: child.exitCode === 0 };
};

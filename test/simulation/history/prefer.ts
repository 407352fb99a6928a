import { isRefusal } from '../../../lib/domain/refusal.ts';
import { doors } from './doors.ts';
import type { World } from './world.ts';

/** An owner sets their standing rule; nothing speaks against it. */
export const prefer = async (world: World, account: string, upTo: number | null): Promise<void> => {
  const answer = await world.request({ actor: account, operation: 'prefer' }, (life) =>
    doors.prefer(world.depsOf(life), account, upTo),
  );
  if (answer !== null && isRefusal(answer)) world.fault(`a preference is refused: ${JSON.stringify(answer)}`);
};

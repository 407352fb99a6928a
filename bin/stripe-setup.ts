import { randomUUID } from 'node:crypto';
import { closeSync, openSync, rmSync, writeSync } from 'node:fs';
import { parseArgs } from 'node:util';
import * as z from 'zod/mini';
import catalogJson from '../lib/catalog/catalog.json' with { type: 'json' };
import { checkCatalog } from '../lib/catalog/check-catalog.ts';
import { parseCatalog } from '../lib/catalog/parse-catalog.ts';
import { stripeWebhook } from '../lib/http/contract/webhooks.ts';
import { planSetup, setUpStripe } from '../lib/stripe/setup.ts';
import { type SetupChange, shownChange } from '../lib/stripe/setup-change.ts';
import { setupPreview, setupReport } from '../lib/stripe/setup-report.ts';
import { stripeClient } from '../lib/stripe/stripe-client.ts';

const USAGE = `STRIPE_SECRET_KEY=sk_test_… npm run stripe:setup -- [--webhook-url https://…${stripeWebhook.path}] [--secret-file FILE] [--live] [--dry-run]

  --webhook-url  the stack's output WebhookUrl; without it endpoints are left alone
  --secret-file  a new file for the endpoint's signing secret, which is printed nowhere; needed where the endpoint has to be made
  --live         the key is a live one, and real money may be meant
  --dry-run      only says what would be done`;

/** What is wrong with how it was called; said without a stack. */
class Misused extends Error {}

const parsedArgs = () => {
  try {
    return parseArgs({
      options: {
        'webhook-url': { type: 'string' },
        'secret-file': { type: 'string' },
        live: { type: 'boolean', default: false },
        'dry-run': { type: 'boolean', default: false },
      },
    }).values;
  } catch (fault) {
    throw new Misused(fault instanceof Error ? fault.message : 'unknown arguments', { cause: fault });
  }
};

const settings = () => {
  const given = parsedArgs();
  const key = z
    .string()
    .check(z.regex(/^[sr]k_(test|live)_\w+$/))
    .safeParse(process.env['STRIPE_SECRET_KEY']);
  if (!key.success) throw new Misused('STRIPE_SECRET_KEY must be a secret or restricted key: sk_test_…, rk_live_…');
  const live = /^.k_live_/.test(key.data);
  if (live && !given.live) throw new Misused('The key is a live one: say --live if that is meant.');
  if (given.live && !live) throw new Misused('--live, and the key is a test one.');
  const webhookUrl = given['webhook-url'] ?? null;
  if (webhookUrl !== null && !(/^https:\/\/[^\s/?#]+\//.test(webhookUrl) && webhookUrl.endsWith(stripeWebhook.path)))
    throw new Misused(`--webhook-url must be https://…${stripeWebhook.path}`);
  return {
    apiKey: key.data,
    endpoint: process.env['STRIPE_ENDPOINT'],
    live,
    webhookUrl,
    secretFile: given['secret-file'] ?? null,
    dryRun: given['dry-run'],
  };
};

/** A file that was not there, and that only its owner may read; gone again where nothing is put into it. */
const openSecretFile = (path: string) => {
  const file = openSync(path, 'wx', 0o600);
  let kept = false;
  return {
    keep: (secret: string) => {
      writeSync(file, JSON.stringify({ secrets: [secret] }));
      kept = true;
    },
    close: (): string | null => {
      closeSync(file);
      if (!kept) rmSync(path);
      return kept ? path : null;
    },
  };
};

const main = async (): Promise<void> => {
  const { apiKey, endpoint, live, webhookUrl, secretFile, dryRun } = settings();
  const stripe = stripeClient({ apiKey, endpoint });
  const catalog = parseCatalog(catalogJson);
  checkCatalog(catalog);
  const wish = { catalog, webhookUrl, live };

  const plan = await planSetup(stripe, wish);
  if (plan.faults.length > 0) throw new Misused(`Nothing was done:\n${plan.faults.join('\n')}`);
  if (dryRun) {
    process.stdout.write(setupPreview(plan.changes, plan.byHand));
    return;
  }
  const makesEndpoint = plan.changes.some(({ does }) => does === 'create_webhook');
  if (makesEndpoint && secretFile === null)
    throw new Misused('The webhook endpoint has to be made: say --secret-file FILE for its signing secret.');

  const file = makesEndpoint && secretFile !== null ? openSecretFile(secretFile) : null;
  const deps = {
    stripe,
    attemptId: randomUUID(),
    onChange: (change: SetupChange) => process.stdout.write(`${shownChange(change)}\n`),
    keepSecret: (secret: string) => file?.keep(secret),
  };
  const setUp = await setUpStripe(deps, wish).catch((fault: unknown) => {
    const kept = file?.close() ?? null;
    if (kept !== null) process.stderr.write(`The endpoint was made, and its signing secret is in ${kept}.\n`);
    throw fault;
  });
  const told = {
    stage: live ? 'prod' : 'dev',
    secretFile: file?.close() ?? null,
    hasEndpoint: webhookUrl !== null,
  } as const;
  process.stdout.write(`\n${setupReport(setUp, told)}`);
  if (setUp.byHand.length > 0) process.exitCode = 2;
};

await main().catch((fault: unknown) => {
  const said = fault instanceof Misused ? `${fault.message}\n\n${USAGE}` : fault instanceof Error ? fault.message : '';
  process.stderr.write(`${said}\n`);
  process.exitCode = 1;
});

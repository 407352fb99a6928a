import { App, Validations } from 'aws-cdk-lib';
import catalog from '../lib/catalog/catalog.json' with { type: 'json' };
import { checkCatalog } from '../lib/catalog/check-catalog.ts';
import { parseCatalog } from '../lib/catalog/parse-catalog.ts';
import { CreditsStack } from '../lib/infra/credits-stack.ts';
import { readStage } from '../lib/infra/stage.ts';

checkCatalog(parseCatalog(catalog));

const app = new App();
const stage = readStage((key) => app.node.tryGetContext(key));
new CreditsStack(app, `credits-${stage.name}`, stage);

// AWS's rules of good practice; a finding without a reason beside its construct fails the synthesis. One machine, which deploys nothing,
// leaves all checks of the template out, and with them the second that loading these takes.
if (process.env['CDK_VALIDATION'] !== 'false') {
  const { AwsSolutionsChecks } = await import('cdk-nag');
  Validations.of(app).addPlugins(new AwsSolutionsChecks(app));
}

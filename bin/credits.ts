import { App } from 'aws-cdk-lib';
import catalog from '../lib/catalog/catalog.json' with { type: 'json' };
import { checkCatalog } from '../lib/catalog/check-catalog.ts';
import { parseCatalog } from '../lib/catalog/parse-catalog.ts';
import { CreditsStack } from '../lib/infra/credits-stack.ts';
import { readStage } from '../lib/infra/stage.ts';

checkCatalog(parseCatalog(catalog));

const app = new App();
const stage = readStage((key) => app.node.tryGetContext(key));
new CreditsStack(app, `credits-${stage.name}`, stage);

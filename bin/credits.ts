import { App } from 'aws-cdk-lib';
import { CreditsStack } from '../lib/infra/credits-stack.ts';
import { readStage } from '../lib/infra/stage.ts';

const app = new App();
const stage = readStage((key) => app.node.tryGetContext(key));
new CreditsStack(app, `credits-${stage.name}`, stage);

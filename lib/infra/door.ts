import { join } from 'node:path';
import { CfnResource, Duration } from 'aws-cdk-lib';
import type { Table } from 'aws-cdk-lib/aws-dynamodb';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { LogLevel, NodejsFunction, OutputFormat } from 'aws-cdk-lib/aws-lambda-nodejs';
import type { Secret } from 'aws-cdk-lib/aws-secretsmanager';
import { Construct } from 'constructs';
import type { Door } from '../http/contract/operation.ts';
import { functionBase } from './function-base.ts';
import type { Stage } from './stage.ts';

const root = join(import.meta.dirname, '../..');

export type TableAction = `dynamodb:${'GetItem' | 'BatchGetItem' | 'Query' | 'Scan' | 'PutItem' | 'UpdateItem'}`;

export interface LambdaDoorProps {
  readonly door: Door | 'events' | 'schedulers/sweep' | 'schedulers/reconcile' | 'schedulers/audit';
  readonly stage: Stage;
  /** By default 10 s, inside API Gateway's 30. */
  readonly timeout?: Duration;
  /** CPU comes with memory: what a person waits for gets more of both. */
  readonly memoryMb: number;
  /** The table, and the only actions this door may do on its items. A transaction is allowed by the actions it is made of. */
  readonly table?: {
    readonly on: Table;
    readonly actions: readonly TableAction[];
    /** Indexes it may query, by their names. */
    readonly indexes?: readonly string[];
  };
  /** What it may read, by the variable that names it to the function. */
  readonly secrets?: Readonly<Record<string, Secret>>;
  /** What else the function is told; never a secret. */
  readonly environment?: Readonly<Record<string, string>>;
  /** How many of it may run at once, set aside for it; by default as many as the account has. */
  readonly reservedConcurrency?: number | undefined;
}

/** One door: `lambdas/<door>/handler.ts` as a function with its own log group and a role that may do nothing not listed here. */
export class LambdaDoor extends Construct {
  readonly function: NodejsFunction;

  constructor(scope: Construct, id: string, props: LambdaDoorProps) {
    super(scope, id);
    const { door, stage, timeout, memoryMb, table, secrets = {}, environment, reservedConcurrency } = props;

    const base = functionBase(this, stage);
    this.function = new NodejsFunction(this, 'Function', {
      ...base,
      description: `credits ${stage.name}: ${door}`,
      entry: join(root, 'lambdas', door, 'handler.ts'),
      projectRoot: root,
      depsLockFilePath: join(root, 'package-lock.json'),
      memorySize: memoryMb,
      timeout: timeout ?? Duration.seconds(10),
      environment: { STAGE: stage.name, ...environment },
      ...(reservedConcurrency !== undefined && { reservedConcurrentExecutions: reservedConcurrency }),
      awsSdkConnectionReuse: false,
      bundling: {
        format: OutputFormat.ESM,
        // One machine runs these very bundles, on a Node as old as package.json allows.
        target: 'node20',
        mainFields: ['module', 'main'],
        // The SDK that was tested is the SDK that runs, not the one of the runtime's day.
        externalModules: [],
        bundleAwsSDK: true,
        minify: true,
        sourceMap: true,
        sourcesContent: false,
        logLevel: LogLevel.WARNING,
      },
    });

    if (table) {
      base.role.addToPolicy(new PolicyStatement({ actions: [...table.actions], resources: [table.on.tableArn] }));
      if (table.indexes) {
        const resources = table.indexes.map((index) => `${table.on.tableArn}/index/${index}`);
        base.role.addToPolicy(new PolicyStatement({ actions: ['dynamodb:Query'], resources }));
      }
      this.function.addEnvironment('TABLE_NAME', table.on.tableName);
    }
    for (const [variable, { secretArn }] of Object.entries(secrets)) {
      const actions = ['secretsmanager:GetSecretValue'];
      base.role.addToPolicy(new PolicyStatement({ actions, resources: [secretArn] }));
      this.function.addEnvironment(variable, secretArn);
    }

    // The local runtime finds the bundle of a door by this mark.
    const resource = this.function.node.defaultChild;
    if (CfnResource.isCfnResource(resource)) resource.addMetadata('credits:door', door);
  }
}

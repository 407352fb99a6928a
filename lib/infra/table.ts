import { RemovalPolicy } from 'aws-cdk-lib';
import {
  AttributeType,
  BillingMode,
  ProjectionType,
  StreamViewType,
  Table,
  TableEncryption,
} from 'aws-cdk-lib/aws-dynamodb';
import type { Construct } from 'constructs';

/** Which accounts have something due, by what and until when. */
const DUE_INDEXES = [
  ['byDeadline', 'e'],
  ['byBoundary', 't'],
] as const;

export const dueIndexes: readonly string[] = DUE_INDEXES.map(([name]) => name);

/**
 * The one table. Kept and guarded on every stage, because it is money; without a name of its own, so that a replacement can stand
 * beside it. No write depends on the stream; it feeds events only.
 */
export const creditsTable = (scope: Construct): Table => {
  const table = new Table(scope, 'Table', {
    partitionKey: { name: 'pk', type: AttributeType.STRING },
    sortKey: { name: 'sk', type: AttributeType.STRING },
    billingMode: BillingMode.PAY_PER_REQUEST,
    pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: true },
    deletionProtection: true,
    removalPolicy: RemovalPolicy.RETAIN,
    encryption: TableEncryption.AWS_MANAGED,
    stream: StreamViewType.NEW_AND_OLD_IMAGES,
  });
  // Sparse: an account is in an index only while it has something due, and hot writes rarely change these attributes.
  for (const [indexName, sortKey] of DUE_INDEXES) {
    table.addGlobalSecondaryIndex({
      indexName,
      partitionKey: { name: 'q', type: AttributeType.STRING },
      sortKey: { name: sortKey, type: AttributeType.NUMBER },
      projectionType: ProjectionType.KEYS_ONLY,
    });
  }
  return table;
};

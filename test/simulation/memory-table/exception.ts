import {
  ConditionalCheckFailedException,
  DynamoDBServiceException,
  IdempotentParameterMismatchException,
  InternalServerError,
  ProvisionedThroughputExceededException,
  ResourceNotFoundException,
  ThrottlingException,
  TransactionCanceledException,
  TransactionConflictException,
} from '@aws-sdk/client-dynamodb';
import { statusOf } from './endpoint.ts';
import type { Refusal } from './refused.ts';

/** What the SDK throws for a refusal: its own classes; the item is left as it came, marshalled. */
export const exceptionOf = ({ type, message, item, reasons }: Refusal): DynamoDBServiceException => {
  const common = { message, $metadata: { httpStatusCode: statusOf(type), requestId: 'memory' } };
  switch (type) {
    case 'ConditionalCheckFailedException':
      return new ConditionalCheckFailedException({ ...common, ...(item === undefined ? {} : { Item: item }) });
    case 'TransactionCanceledException':
      return new TransactionCanceledException({
        ...common,
        CancellationReasons: (reasons ?? []).map((reason) => ({ ...reason })),
      });
    case 'TransactionConflictException':
      return new TransactionConflictException(common);
    case 'ResourceNotFoundException':
      return new ResourceNotFoundException(common);
    case 'IdempotentParameterMismatchException':
      return new IdempotentParameterMismatchException(common);
    case 'ProvisionedThroughputExceededException':
      return new ProvisionedThroughputExceededException(common);
    case 'ThrottlingException':
      return new ThrottlingException(common);
    case 'InternalServerError':
      return new InternalServerError(common);
    case 'ValidationException':
      return new DynamoDBServiceException({ ...common, name: type, $fault: 'client' });
  }
};

/**
 * What the store takes of `@aws-sdk/lib-dynamodb`, without the pipeline each of the SDK's commands makes for itself: a quick client sends
 * commands nowhere but to its table, and making them costs as much as a condition does. For the workers' bundle alone.
 */
class Command {
  readonly input: object;
  constructor(input: object) {
    this.input = input;
  }
}

export class BatchGetCommand extends Command {}
export class DeleteCommand extends Command {}
export class GetCommand extends Command {}
export class PutCommand extends Command {}
export class QueryCommand extends Command {}
export class ScanCommand extends Command {}
export class TransactGetCommand extends Command {}
export class TransactWriteCommand extends Command {}
export class UpdateCommand extends Command {}
export class DynamoDBDocumentClient {}

/** The errors of AWS Secrets Manager that this stand-in gives. All but the last are the caller's fault: HTTP 400. */
type AwsErrorType =
  | 'InvalidNextTokenException'
  | 'InvalidParameterException'
  | 'InvalidRequestException'
  | 'LimitExceededException'
  | 'MissingAuthenticationTokenException'
  | 'ResourceExistsException'
  | 'ResourceNotFoundException'
  | 'SerializationException'
  | 'UnknownOperationException'
  | 'ValidationException'
  | 'InternalServiceError'

/** A refusal, as AWS words it where its words are known. */
export class AwsError extends Error {
  readonly type: AwsErrorType

  constructor(type: AwsErrorType, message: string) {
    super(message)
    this.name = type
    this.type = type
  }
}

export function secretNotFound(): AwsError {
  return new AwsError('ResourceNotFoundException', "Secrets Manager can't find the specified secret.")
}

/** Sikka's documented errors (sikka-api, Errors): HTTP status, and the name OAuth would give them. */
export const sikkaErrors = {
  API1001: { http: 400, oauth: 'invalid_request', says: 'Application id is missing' },
  API1002: { http: 400, oauth: 'invalid_request', says: 'Application key is missing' },
  API1003: { http: 400, oauth: 'invalid_request', says: 'Office id is missing' },
  API1004: { http: 400, oauth: 'invalid_request', says: 'Requestkey is missing' },
  API1005: { http: 400, oauth: 'invalid_request', says: 'SecretKey is missing' },
  API1020: { http: 400, oauth: 'invalid_grant', says: 'A parameter is missing or invalid' },
  API1025: { http: 400, oauth: 'invalid_token', says: 'Request key has expired' },
  API1026: { http: 400, oauth: 'invalid_grant', says: 'A parameter is invalid' },
  API2001: { http: 500, oauth: 'server_error', says: 'Internal error' },
  API2002: { http: 503, oauth: 'temporarily_unavailable', says: 'Service is not available' },
  API2003: { http: 401, oauth: 'invalid_client', says: 'Application id or key is wrong' },
  API2004: { http: 401, oauth: 'unauthorized_client', says: 'The application may not use this API' },
  API2005: { http: 204, oauth: 'invalid_request', says: 'There is nothing' },
  API2006: { http: 500, oauth: 'temporarily_unavailable', says: 'Too busy' },
  API2007: { http: 401, oauth: 'access_denied', says: 'The practice does not authorize the application' },
  API2009: { http: 404, oauth: 'invalid_request', says: 'Not found' },
  API2010: { http: 500, oauth: 'server_error', says: 'The data has not been uploaded yet' },
  API2011: { http: 429, oauth: 'slow_down', says: 'Request limit exceeded' },
  API2012: { http: 429, oauth: 'slow_down', says: 'Daily limit exceeded' },
  API2017: { http: 412, oauth: 'temporarily_unavailable', says: 'SPU of the practice is offline' },
  API2018: { http: 410, oauth: 'invalid_request', says: 'Gone' },
  API2022: { http: 504, oauth: 'temporarily_unavailable', says: 'Gateway timeout' },
  // An error all the same (sikka-api, Errors).
  API4002: { http: 200, oauth: 'server_error', says: 'Error while decrypting' },
} as const

export type ErrorCode = keyof typeof sikkaErrors
export const errorCodes = Object.keys(sikkaErrors) as [ErrorCode, ...ErrorCode[]]

export const errorShapes = ['sikka', 'oauth', 'html', 'empty'] as const
type ErrorShape = (typeof errorShapes)[number]

const descriptions: Record<number, string> = {
  200: 'OK',
  400: 'Bad Request',
  401: 'Unauthorized',
  404: 'Not Found',
  410: 'Gone',
  412: 'Precondition Failed',
  429: 'Too Many Requests',
  500: 'Internal Server Error',
  503: 'Service Unavailable',
  504: 'Gateway Timeout',
}

/** Sikka's message body, the same for errors and successes; every value is text. */
export function message(http: number, code: string, says: string): Record<string, string> {
  return {
    http_code: String(http),
    http_code_desc: descriptions[http] ?? '',
    error_code: code,
    short_message: says,
    long_message: `${says}.`,
    more_information: '',
  }
}

/**
 * Answers with an error.
 * @param resetSeconds what a 429 says in `X-Rate-Limit-Reset`
 */
export function refuse(code: ErrorCode, shape: ErrorShape, resetSeconds: number): Response {
  const { http: status, oauth, says } = sikkaErrors[code]
  const headers =
    status === 429
      ? { 'x-rate-limit-limit': '250', 'x-rate-limit-remaining': '0', 'x-rate-limit-reset': String(resetSeconds) }
      : {}
  if (status === 204 || shape === 'empty') return new Response(null, { status, headers })
  switch (shape) {
    case 'sikka':
      return Response.json(message(status, code, says), { status, headers })
    case 'oauth':
      return Response.json({ error: oauth, error_description: says }, { status, headers })
    case 'html':
      return new Response(`<html><body><h1>${status} ${descriptions[status]}</h1></body></html>`, {
        status,
        headers: { ...headers, 'content-type': 'text/html' },
      })
  }
}

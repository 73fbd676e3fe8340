import { buildConnector } from 'undici'

/**
 * No connection came about: refused, not found, not in time, or TLS failed. Since it is said where connections are
 * made, and not guessed from a name afterwards, what it ends has certainly not been sent.
 */
export class NotConnected extends Error {
  /** the library's name for it; not `code`, by which undici would tell its own errors */
  readonly because: string
  /** whether the other side could not prove to be Sikka (F48) */
  readonly isCertificate: boolean

  constructor(because: string) {
    super('not connected')
    this.because = because
    this.isCertificate = certificateError.test(because)
  }
}

/** "X509 certificate error codes" in Node's documentation of TLS. */
const certificateError =
  /^(ERR_TLS_CERT|CERT_|CRL_|UNABLE_TO_|SELF_SIGNED_|DEPTH_ZERO_|ERROR_IN_C|HOSTNAME_MISMATCH|INVALID_|PATH_LENGTH_)/

/** An error's code, or its name: never its message, which may quote what was sent. */
export function nameOf(error: unknown): string {
  if (!(error instanceof Error)) return 'unknown'
  return 'code' in error && typeof error.code === 'string' ? error.code : error.name
}

/**
 * Makes connections for undici, by TLS where the address says so, and never without its checks (C15): said here, so
 * that no variable of Node's can switch them off.
 * @param timeout milliseconds for name, connection and handshake together
 */
export function connector(timeout: number): buildConnector.connector {
  const connect = buildConnector({ timeout, rejectUnauthorized: true })
  return (options, callback) => {
    connect(options, (error, socket) => {
      if (error) callback(new NotConnected(nameOf(error)), null)
      else callback(null, socket)
    })
  }
}

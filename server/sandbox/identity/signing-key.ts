import { createPrivateKey, createPublicKey, generateKeyPair, type KeyObject } from 'node:crypto'
import { mkdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { calculateJwkThumbprint, exportJWK, type JWK } from 'jose'
import { writeOnce } from '../write-once.ts'

export interface SigningKey {
  readonly kid: string
  readonly privateKey: KeyObject
  readonly publicKey: KeyObject
  /** Private; for the provider alone. */
  readonly jwk: JWK
}

/** The key that `folder` keeps, so that tokens stay good from run to run; made at the first start, ours alone to read. */
export async function keptSigningKey(folder: string): Promise<SigningKey> {
  const file = join(folder, 'signing-key.pem')
  await mkdir(folder, { recursive: true })
  let pem = await readFile(file, 'utf8').catch(() => undefined)
  if (pem === undefined) {
    await writeOnce(file, await newPem())
    pem = await readFile(file, 'utf8')
  }
  return fromPem(pem)
}

/** A key that is in nobody's key set. */
export async function strangeSigningKey(): Promise<SigningKey> {
  return fromPem(await newPem())
}

async function newPem(): Promise<string> {
  const { privateKey } = await promisify(generateKeyPair)('rsa', { modulusLength: 2048 })
  return privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()
}

async function fromPem(pem: string): Promise<SigningKey> {
  const privateKey = createPrivateKey(pem)
  const publicKey = createPublicKey(privateKey)
  const kid = await calculateJwkThumbprint(await exportJWK(publicKey))
  const jwk = { ...(await exportJWK(privateKey)), kid, alg: 'RS256', use: 'sig' }
  return { kid, privateKey, publicKey, jwk }
}

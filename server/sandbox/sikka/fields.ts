/** The texts of a JSON body; what is not text, or empty, counts as missing. */
export type Fields = (name: string) => string | undefined

export function fieldsOf(body: unknown): Fields {
  const given = new Map(typeof body === 'object' && body !== null ? Object.entries(body) : [])
  return (name) => {
    const value: unknown = given.get(name)
    return typeof value === 'string' && value !== '' ? value : undefined
  }
}

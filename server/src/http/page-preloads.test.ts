import { describe, expect, it } from 'vitest'
import { preloads, wordsFor } from './page-preloads.ts'

const manifest = JSON.stringify({
  'index.html': { file: 'assets/index-1.js', isEntry: true, imports: ['_react-2.js'] },
  'src/words/en.ts': { file: 'assets/en-3.js' },
  'src/words/fr-ca.ts': { file: 'assets/fr-ca-4.js', imports: ['_terms-5.js'] },
  'src/api/sign-in-library.ts': { file: 'assets/sign-in-library-6.js', imports: ['_terms-5.js'] },
  '_terms-5.js': { file: 'assets/terms-5.js', imports: ['index.html'] },
})

describe('P19: what a visit needs and the document cannot name', () => {
  it.each([
    [undefined, 'en'],
    ['', 'en'],
    ['*', 'en'],
    ['en-CA,en;q=0.9,fr;q=0.8', 'en'],
    ['fr-CA,fr;q=0.9,en;q=0.8', 'fr-ca'],
    ['fr', 'fr-ca'],
    ['FR;q=1, en', 'fr-ca'],
    ['de-DE, de;q=0.9, fr;q=0.5', 'fr-ca'],
    ['frr, enm', 'en'],
  ])('Accept-Language %j: the words of %s', (header, file) => {
    expect(wordsFor(header)).toBe(`src/words/${file}.ts`)
  })

  it('are the words, with what they are made of', () => {
    expect(preloads(manifest, '/agent/setup/pms', 'en')).toBe('</assets/en-3.js>; rel=modulepreload')
    const french = preloads(manifest, '/agent/setup/pms', 'fr').split(', ')
    expect(french).toContain('</assets/fr-ca-4.js>; rel=modulepreload')
    expect(french).toContain('</assets/terms-5.js>; rel=modulepreload')
  })

  it('are the sign-in library too, for whoever comes back from the sign-in', () => {
    expect(preloads(manifest, '/auth/callback', 'en')).toContain('</assets/sign-in-library-6.js>; rel=modulepreload')
  })

  it('are nothing in a build that has none of them', () => {
    expect(preloads('{}', '/auth/callback', 'en')).toBe('')
  })
})
